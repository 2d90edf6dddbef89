import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { checkLinkUnused, issueLink, useLink } from '../../src/commands/use-link.ts'
import { Refusal } from '../../src/errors.ts'
import { articleId } from '../support/article-facts.ts'
import { caller, commandWorld } from '../support/command-world.ts'

const ada = caller('ada')
const link = {
  linkId: 'link1',
  purpose: 'upload_files' as const,
  articleId,
  expiresAt: new Date('2026-05-01T13:00:00.000Z'),
}
const refused = (code: string) => (error: unknown) =>
  error instanceof Refusal && error.code === code

describe('an upload link', { concurrency: true }, () => {
  it('lets exactly one of fifty simultaneous uses through', async () => {
    await using w = await commandWorld()
    await issueLink(w.deps, ada, link)
    const uses = await Promise.allSettled(
      Array.from({ length: 50 }, () => useLink(w.deps, ada, link)),
    )
    assert.equal(uses.filter(({ status }) => status === 'fulfilled').length, 1)
    const lost = uses.filter((use) => use.status === 'rejected')
    assert.ok(lost.every(({ reason }) => refused('LINK_USED')(reason)))
  })

  it('is not used up by looking whether it is', async () => {
    await using w = await commandWorld()
    await issueLink(w.deps, ada, link)
    await checkLinkUnused(w.deps, ada, link)
    await checkLinkUnused(w.deps, ada, link)
    await useLink(w.deps, ada, link)
    await assert.rejects(checkLinkUnused(w.deps, ada, link), refused('LINK_USED'))
  })

  it('that was never issued is no link', async () => {
    await using w = await commandWorld()
    await assert.rejects(useLink(w.deps, ada, link), refused('LINK_INVALID'))
  })
})
