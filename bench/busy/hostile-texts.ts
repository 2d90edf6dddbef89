import { setTimeout as delay } from 'node:timers/promises'
import { hostileTexts } from '../../test/support/hostile-texts.ts'
import { type Connected, connectClient } from '../../test/support/mcp-clients.ts'
import { startNovaServer } from '../../test/support/nova-process.ts'

const meter = new URL('../../test/faults/longest-turn.ts', import.meta.url)
const idleMs = 3000

/**
 * How long /healthz waits while the server works on a text that is hard to read, sent in each way, beside a
 * server at rest; and the longest turn of its event loop, in processor time.
 */
export async function* whileTextsAreRead(url: string): AsyncGenerator<object> {
  await using nova = await startNovaServer({
    DATABASE_URL: url,
    NOVA_LINK_SECRET: 'a key of the bench that opens nothing else',
    NOVA_REQUESTS_PER_MINUTE: '0',
    NODE_OPTIONS: `--import=${meter.href}`,
  })
  await using client = await connectClient('auto', new URL(nova.mcpUrl), {})
  const base = nova.mcpUrl.replace(/\/mcp$/, '')
  let asked = 0
  const measured = async (work: Promise<unknown>) => {
    const times = await waits(`${base}/healthz`, work)
    asked += 1
    nova.signal('SIGUSR2')
    const [, turn] = await nova.printed(new RegExp(`turn ${asked}: ([\\d.]+) ms`))
    const p99 = times[Math.ceil(times.length * 0.99) - 1] ?? 0
    return {
      asked: times.length,
      p99_ms: rounded(p99),
      longest_ms: rounded(times.at(-1) ?? 0),
      longest_turn_ms: Number(turn),
    }
  }

  // Whatever is compiled and loaded once is no part of it.
  const warm = '# Warm\n\nhttps://a.example/'
  for (const send of Object.values(ways)) await measured(send(client, base, warm))
  yield { text: 'none', by: 'idle', ...(await measured(delay(idleMs))) }
  for (const [text, words] of Object.entries(hostileTexts)) {
    for (const [by, send] of Object.entries(ways)) {
      yield { text, by, ...(await measured(send(client, base, words))) }
    }
  }
}

type Send = (client: Connected, base: string, text: string) => Promise<unknown>

const ways: Record<string, Send> = {
  async mcp(client, _base, text) {
    await readLinks(client, await client.ok('create_article', { guideline: text }))
  },
  async rest(client, base, text) {
    const headers = { 'content-type': 'application/json' }
    const body = JSON.stringify({ guideline: text })
    await readLinks(client, await made(`${base}/articles`, { method: 'POST', headers, body }))
  },
  async upload(client, base, text) {
    const { url } = await client.ok('request_upload_link', { purpose: 'guideline' })
    const body = new FormData()
    body.append('file', new Blob([text]), 'guideline.md')
    const address = `${base}${new URL(String(url)).pathname}`
    await readLinks(client, await made(address, { method: 'POST', body }))
  },
}

async function made(address: string, init: RequestInit): Promise<Record<string, unknown>> {
  const answer = await fetch(address, init)
  if (answer.status !== 201) throw new Error(`${answer.status}: ${await answer.text()}`)
  return (await answer.json()) as Record<string, unknown>
}

/** The work on the text; that it ends in a refusal is one of its ends. */
const readLinks = (client: Connected, { article_id }: Record<string, unknown>) =>
  client.call('extract_guidelines_urls', { article_id })

/** Milliseconds that each request took, in order of length, one after the other until the work has ended. */
async function waits(address: string, work: Promise<unknown>): Promise<number[]> {
  const times: number[] = []
  const ended = work.then(() => true)
  for (let isOver = false; !isOver; ) {
    const began = performance.now()
    await (await fetch(address)).arrayBuffer()
    times.push(performance.now() - began)
    isOver = await Promise.race([ended, delay(5, false)])
  }
  return times.sort((a, b) => a - b)
}

const rounded = (ms: number): number => Math.round(ms * 10) / 10
