import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { emptyDatabase } from '../support/database.ts'
import { connectClient } from '../support/mcp-clients.ts'
import { startNovaServer } from '../support/nova-process.ts'
import { until } from '../support/until.ts'

const megabyte = 1024 * 1024

/** What the process has in memory, as the kernel counts it. */
function residentMegabytes(pid: number): number {
  const [, kilobytes] =
    /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
  return Number(kilobytes) / 1024
}

/** Files of one upload, together 45 MB of text that does not repeat. */
function upload(n: number): FormData {
  const form = new FormData()
  for (let file = 0; file < 5; file++) {
    const text = randomBytes(4.5 * megabyte).toString('hex')
    form.append('files', new Blob([text]), `notes-${n}-${file}.txt`)
  }
  return form
}

describe('large uploads of one user at once', () => {
  const isLinux = process.platform === 'linux'
  it('leave the server the memory for others', async () => {
    await using test = await emptyDatabase()
    await using nova = await startNovaServer({
      DATABASE_URL: test.url,
      NOVA_LINK_SECRET: 'a key of the tests that opens nothing else',
    })
    await using client = await connectClient('2026-07-28', new URL(nova.mcpUrl), {})
    const { article_id } = await client.ok('create_article', { guideline: '# Large' })
    const url = new URL(`/articles/${article_id}/files`, nova.mcpUrl)
    let peak = 0
    let isOver = false
    const watching = (async () => {
      while (!isOver && isLinux) {
        peak = Math.max(peak, residentMegabytes(nova.pid))
        await delay(20)
      }
    })()
    const sent = Array.from({ length: 10 }, async (_, n) => {
      const answer = await fetch(url, { method: 'POST', body: upload(n) })
      const { error } = (await answer.json()) as { error?: { code: string } }
      return error?.code ?? answer.status
    })
    // Meanwhile others are answered.
    await client.ok('get_article', { article_id })
    const answers = await Promise.all(sent)
    isOver = true
    await watching
    for (const answer of answers) assert.ok([200, 'UPLOADS_TOO_MANY'].includes(answer), `${answer}`)
    assert.ok(answers.includes(200))
    assert.ok(peak < 400, `${Math.round(peak)} MB at the most`)
    if (!isLinux) return
    const rested = () => residentMegabytes(nova.pid) < 250
    await until(rested, `less than 250 MB afterwards, of ${Math.round(peak)} at the most`)
  })
})
