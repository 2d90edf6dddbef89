import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { serverAt } from './server-at.ts'

/**
 * What PgBouncer 1.18 does with the session settings of a connection's start, seen on its wire: it refuses
 * them, or leaves them out when its configuration says `ignore_startup_parameters = options`.
 */
export async function startPooler(databaseUrl: string, does: 'refuse' | 'leave out') {
  const sockets = new Set<Socket>()
  const listener = createServer((client) => {
    sockets.add(client.on('error', () => {}))
    client.once('data', (startup) => {
      if (does === 'refuse' && startup.includes('options\0')) {
        client.end(refusal('unsupported startup parameter: options'))
        return
      }
      const server = connect(serverAt(databaseUrl))
      sockets.add(server.on('error', () => {}))
      server.write(withoutOptions(startup))
      client.pipe(server).pipe(client)
    })
  }).listen(0, '127.0.0.1')
  await once(listener, 'listening')
  const { username, pathname } = new URL(databaseUrl)
  return {
    url: `postgres://${username}@127.0.0.1:${(listener.address() as AddressInfo).port}${pathname}`,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      listener.close()
      await once(listener, 'close')
    },
  }
}

/** A startup message is its length, the protocol, and names and values that end in NUL each. */
function withoutOptions(startup: Buffer): Buffer {
  const words = startup.toString('utf8', 8).split('\0')
  const kept = words.flatMap((word, n) =>
    n % 2 === 0 && word && word !== 'options' ? [word, words[n + 1] ?? ''] : [],
  )
  const body = Buffer.from(`${kept.join('\0')}\0\0`)
  const head = Buffer.from(startup.subarray(0, 8))
  head.writeInt32BE(8 + body.length)
  return Buffer.concat([head, body])
}

function refusal(message: string): Buffer {
  const fields = Buffer.from(`SFATAL\0C08P01\0M${message}\0\0`)
  const head = Buffer.alloc(5)
  head.write('E')
  head.writeInt32BE(4 + fields.length, 1)
  return Buffer.concat([head, fields])
}
