import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { serverAt } from './server-at.ts'

/**
 * What becomes of a request: `pass`; `unsent`, the connection is cut before the server hears it;
 * `unanswered`, the server has done it and the connection is cut before the client hears so.
 */
export type Fate = 'pass' | 'unsent' | 'unanswered'

/** A way to a PostgreSQL server that can be cut at a chosen message, or fall silent. */
export interface FaultyWire extends AsyncDisposable {
  url: string
  /** Decides about each request, by its text as sent; called before the server gets it. */
  decide: (request: string) => Fate
  /** Milliseconds that every packet takes longer, either way. */
  delayMs: number
  /** Milliseconds before a new connection is laid through to the server. */
  dialMs: number
  /** Called right before a connection is cut. */
  onCut: () => void
  /** Nothing more goes through on the connections there are, though they stay open. */
  blackHole(): void
  isSilent(): boolean
  /** Connections that are open now. */
  open(): number
}

interface Line {
  client: Socket
  server: Socket
  swallow: 'none' | 'answer' | 'all'
}

/** What the server says last in every answer: ready for a query, with the state of the transaction. */
const readyForQuery = Buffer.from([0x5a, 0, 0, 0, 5])

/** Opens a wire to the server of a database URL, on loopback. */
export async function faultyWire(databaseUrl: string): Promise<FaultyWire> {
  const lines = new Set<Line>()
  const listener = createServer((client) => {
    client.on('error', () => {})
    if (wire.dialMs > 0) setTimeout(lay, wire.dialMs, client)
    else lay(client)
  })
  listener.listen(0, '127.0.0.1')
  await once(listener, 'listening')
  const url = new URL(databaseUrl)
  const wire: FaultyWire = {
    url: `postgres://${url.username}@127.0.0.1:${(listener.address() as AddressInfo).port}${url.pathname}`,
    decide: () => 'pass',
    delayMs: 0,
    dialMs: 0,
    onCut: () => {},
    blackHole() {
      for (const line of lines) line.swallow = 'all'
    },
    isSilent: () => [...lines].some(({ swallow }) => swallow === 'all'),
    open: () => lines.size,
    async [Symbol.asyncDispose]() {
      for (const line of lines) cut(line)
      listener.close()
      await once(listener, 'close')
    },
  }

  function lay(client: Socket): void {
    if (client.destroyed) return
    const line: Line = { client, server: connect(serverAt(databaseUrl)), swallow: 'none' }
    lines.add(line)
    client.setNoDelay(true)
    client.on('data', (request) => inTime(() => ask(line, request)))
    line.server.on('data', (answer) => inTime(() => reply(line, answer)))
    for (const end of [client, line.server]) {
      end.on('error', () => {})
      end.on('close', () => {
        lines.delete(line)
        cut(line)
      })
    }
  }

  /** Timers of one length keep their order. */
  function inTime(pass: () => void): void {
    if (wire.delayMs > 0) setTimeout(pass, wire.delayMs)
    else pass()
  }

  function ask(line: Line, request: Buffer): void {
    if (line.swallow !== 'none') return
    const fate = wire.decide(request.toString('latin1'))
    if (fate === 'unsent') {
      wire.onCut()
      cut(line)
      return
    }
    if (fate === 'unanswered') line.swallow = 'answer'
    line.server.write(request)
  }

  function reply(line: Line, answer: Buffer): void {
    if (line.swallow === 'none') {
      line.client.write(answer)
      return
    }
    if (line.swallow !== 'answer') return
    if (!answer.subarray(-6, -1).equals(readyForQuery)) return
    wire.onCut()
    cut(line)
  }
  return wire
}

function cut({ client, server }: Line): void {
  client.destroy()
  server.destroy()
}
