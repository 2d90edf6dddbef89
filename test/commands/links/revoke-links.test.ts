import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createArticle } from '../../../src/commands/articles/create-article.ts'
import { grantLink, type LinkSettings } from '../../../src/commands/links/grant-link.ts'
import { openLink, revokeLinks } from '../../../src/commands/links/revoke-links.ts'
import { Refusal } from '../../../src/errors.ts'
import type { LinkPurpose } from '../../../src/events/links/link-events.ts'
import { caller, commandWorld } from '../../support/command-world.ts'

const ada = caller('ada')
const links: LinkSettings = {
  keys: ['k'.repeat(32)],
  serverUrl: () => 'https://nova.example',
  uploadMinutes: 60,
  downloadMinutes: 60,
}
const purposes = ['watch', 'download', 'upload_files'] as const
const refused = (code: string) => (error: unknown) =>
  error instanceof Refusal && error.code === code

async function world() {
  const w = await commandWorld()
  const deps = { ...w.deps, links }
  const { articleId } = await createArticle(deps, ada, { guideline: Buffer.from('# A') })
  const grant = async (purpose: LinkPurpose, of: { within?: string; articleId?: string } = {}) => {
    const within = of.within ? { within: await openLink(deps, of.within, purposes) } : {}
    const asked = { purpose, articleId: of.articleId ?? articleId, ...within }
    const { url } = await grantLink(deps, ada, asked)
    return url.split('/').at(-1) ?? ''
  }
  return { ...w, deps, articleId, grant, open: (token: string) => openLink(deps, token, purposes) }
}

describe('revoking the links of an article', { concurrency: true }, () => {
  it('ends those given out, and those made through them, and no others', async () => {
    await using w = await world()
    const given = await Promise.all(purposes.map((purpose) => w.grant(purpose)))
    const made = await w.grant('download', { within: given[0] ?? '' })
    const second = await createArticle(w.deps, ada, { guideline: Buffer.from('# B') })
    const others = await w.grant('watch', { articleId: second.articleId })
    const watch = await w.open(given[0] ?? '')
    await revokeLinks(w.deps, ada, { articleId: w.articleId })
    for (const token of [...given, made]) {
      await assert.rejects(w.open(token), refused('LINK_REVOKED'))
    }
    await w.open(others)
    await w.open(await w.grant('watch'))
    // Asked for while the revocation was under way: it knows no more than the link it came through.
    const late = await grantLink(w.deps, ada, {
      purpose: 'download',
      articleId: w.articleId,
      within: watch,
    })
    await assert.rejects(w.open(late.url.split('/').at(-1) ?? ''), refused('LINK_REVOKED'))
  })

  it('is for its owner alone', async () => {
    await using w = await world()
    const token = await w.grant('watch')
    const theirs = revokeLinks(w.deps, caller('eve'), { articleId: w.articleId })
    await assert.rejects(theirs, refused('ARTICLE_NOT_FOUND'))
    await w.open(token)
  })
})

describe('a link made through a link', () => {
  it('neither outlives nor exceeds it, however long the chain', async () => {
    await using w = await world()
    const root = await w.open(await w.grant('watch'))
    w.clock.now = new Date(root.expiresAt.getTime() - 60_000)
    let token = ''
    for (const purpose of ['upload_files', 'watch', 'upload_files', 'download'] as const) {
      const within = token ? await w.open(token) : root
      const { url } = await grantLink(w.deps, ada, { purpose, articleId: w.articleId, within })
      token = url.split('/').at(-1) ?? ''
      const made = await w.open(token)
      assert.deepEqual(made.expiresAt, root.expiresAt)
      assert.equal(made.rootId, root.linkId)
      assert.deepEqual(made.through, root.through)
      assert.ok(made.bytesMax <= root.through.bytesMax)
    }
  })
})
