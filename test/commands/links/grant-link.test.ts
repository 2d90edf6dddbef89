import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createArticle } from '../../../src/commands/articles/create-article.ts'
import {
  grantingLink,
  grantLink,
  type LinkSettings,
  prepareLink,
} from '../../../src/commands/links/grant-link.ts'
import { verifyLink } from '../../../src/commands/links/link-token.ts'
import { linkPurposes } from '../../../src/events/links/link-events.ts'
import { caller, commandWorld } from '../../support/command-world.ts'

const ada = caller('ada')
const keys = ['k'.repeat(32)]
const links: LinkSettings = {
  keys,
  serverUrl: () => 'https://nova.example',
  uploadMinutes: 60,
  downloadMinutes: 20,
}

async function world() {
  const w = await commandWorld()
  const deps = { ...w.deps, links }
  const { articleId } = await createArticle(w.deps, ada, { guideline: Buffer.from('# A') })
  const claimsOf = (url: string) =>
    verifyLink(keys, url.split('/').at(-1) ?? '', w.clock.now, linkPurposes)
  const issued = async () => {
    const { events } = await w.deps.store.readAll(0, 100)
    return events
      .filter(({ type }) => type === 'LinkIssued')
      .map(({ data }) => Object(data).link_id)
  }
  return { ...w, deps, articleId, claimsOf, issued }
}

describe('a link made through a link', { concurrency: true }, () => {
  it('does not outlive it, and one made late does not outlive its own time', async () => {
    await using w = await world()
    const { articleId } = w
    const watch = await prepareLink(w.deps, ada, { purpose: 'watch', articleId })
    const within = await w.claimsOf(watch.url)
    const upload = await prepareLink(w.deps, ada, { purpose: 'upload_files', articleId, within })
    assert.equal(upload.expiresAt.getTime(), within.expiresAt.getTime())
    assert.equal((await w.claimsOf(upload.url)).expiresAt.getTime(), within.expiresAt.getTime())
    const long = { ...within, expiresAt: new Date(w.clock.now.getTime() + 24 * 3_600_000) }
    const short = await prepareLink(w.deps, ada, { purpose: 'download', articleId, within: long })
    assert.equal(short.expiresAt.getTime(), w.clock.now.getTime() + 20 * 60_000)
  })

  it('brings in no more bytes than that one allows, nor than its own purpose', async () => {
    await using w = await world()
    const { articleId } = w
    const watch = await prepareLink(w.deps, ada, { purpose: 'watch', articleId })
    const claims = await w.claimsOf(watch.url)
    const through = async (bytesMax: number, purpose: 'upload_files' | 'upload_guideline') => {
      const within = { ...claims, through: { uploads: 2, bytesMax } }
      return w.claimsOf((await prepareLink(w.deps, ada, { purpose, articleId, within })).url)
    }
    const small = await through(10, 'upload_files')
    assert.deepEqual([small.bytesMax, small.through], [10, { uploads: 2, bytesMax: 10 }])
    assert.equal(small.rootId, claims.linkId)
    const own = await prepareLink(w.deps, ada, { purpose: 'upload_guideline', articleId })
    const { bytesMax } = await w.claimsOf(own.url)
    assert.ok(bytesMax > 0)
    assert.equal((await through(1e9, 'upload_guideline')).bytesMax, bytesMax)
  })
})

describe('an act that gives a link away', { concurrency: true }, () => {
  it('is the issue itself where a link is all that was asked for', async () => {
    await using w = await world()
    const { articleId } = w
    const link = await grantLink(w.deps, ada, { purpose: 'watch', articleId })
    assert.deepEqual(await w.issued(), [(await w.claimsOf(link.url)).linkId])
  })

  it('puts the link on record also when it adds nothing itself', async () => {
    await using w = await world()
    const { articleId } = w
    const link = await prepareLink(w.deps, ada, { purpose: 'watch', articleId })
    assert.deepEqual(await w.issued(), [])
    await grantingLink(w.deps, ada, link, async () => ({ appended: null }))
    assert.deepEqual(await w.issued(), [(await w.claimsOf(link.url)).linkId])
  })

  it('puts it on record once, in the same append, when it adds something', async () => {
    await using w = await world()
    const { articleId } = w
    const link = await prepareLink(w.deps, ada, { purpose: 'watch', articleId })
    await grantingLink(w.deps, ada, link, async (deps) => {
      const made = await createArticle(deps, ada, { guideline: Buffer.from('# B') })
      assert.equal((await w.issued()).length, 1)
      return made
    })
    assert.deepEqual(await w.issued(), [(await w.claimsOf(link.url)).linkId])
  })
})
