import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { usageMonth, usageStream } from '../../../src/events/usage/usage-events.ts'
import { mcpWorld } from '../../support/mcp-world.ts'

const page = (title: string, repeated: number) =>
  `<!doctype html><title>${title}</title><article><h1>${title}</h1>${`<p>${'Words about ledgers and their keepers. '.repeat(20)}</p>`.repeat(repeated)}</article>`

const guideline = '# Ledgers\n\n- http://pages.example/large\n- http://pages.example/small\n'

describe('a user who keeps as much as they may', { concurrency: true }, () => {
  it('gets the sources that fit; one that does not fails by itself, and may be tried again', async () => {
    await using world = await mcpWorld({
      routes: { '/large': page('Large', 1500), '/small': page('Small', 2) },
      environment: { NOVA_STORAGE_MEGABYTES: '1' },
    })
    const ada = await world.connect('auto')
    const { article_id } = await ada.ok('create_article', { guideline })
    await ada.ok('extract_guidelines_urls', { article_id })
    const args = { article_id, wait_seconds: 50 }
    const done = await ada.ok('scrape_and_clean_other_urls', args)
    assert.deepEqual([done.status, done.succeeded, done.failed], ['completed', 1, 1])
    assert.match(JSON.stringify(done.items), /STORAGE_FULL/)
    const again = await ada.ok('scrape_and_clean_other_urls', args)
    assert.deepEqual([again.total, again.failed], [1, 1])
  })

  it('is refused what is too much, is told what to do, and gets the call back', async () => {
    await using world = await mcpWorld({ environment: { NOVA_STORAGE_MEGABYTES: '1' } })
    const ada = await world.connect('auto')
    const guidelineOf = (letter: string) => `# ${letter}\n\n${`${letter} `.repeat(300_000)}`
    await ada.ok('create_article', { guideline: guidelineOf('a') })
    const { refusal } = await ada.call('create_article', { guideline: guidelineOf('b') })
    assert.equal(refusal.code, 'STORAGE_FULL')
    assert.match(refusal.hint, /^Erase articles/)
    const streamId = usageStream('ada', usageMonth(new Date()))
    const events = await world.nova.services.store.read({ userId: 'ada', streamId })
    assert.equal(events.at(-1)?.type, 'ToolCallRefunded')
    // Another user has room of their own.
    const eve = await world.connect('auto', 'eve')
    await eve.ok('create_article', { guideline: guidelineOf('b') })
  })
})
