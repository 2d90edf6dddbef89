import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import {
  type LinkClaims,
  openClaims,
  sealClaims,
  signLink,
  verifyLink,
} from '../../../src/commands/links/link-token.ts'
import { Refusal } from '../../../src/errors.ts'
import { articleId, now } from '../../support/article-facts.ts'

const keys = ['k'.repeat(32)]
const claims: LinkClaims = {
  linkId: 'link1',
  purpose: 'upload_guideline',
  userId: 'ada',
  articleId,
  expiresAt: new Date(now.getTime() + 60_000),
  bytesMax: 100,
  rootId: 'link0',
  through: { uploads: 3, bytesMax: 200 },
  generation: 2,
}
const purposes = ['upload_guideline'] as const
const refused = (code: string) => (error: unknown) =>
  error instanceof Refusal && error.code === code

describe('link tokens', () => {
  it('carry their claims', async () => {
    assert.deepEqual(await verifyLink(keys, await signLink(keys, claims), now, purposes), claims)
  })
  it('tell nothing to who holds them, not even the length of a name', async () => {
    const token = await signLink(keys, { ...claims, userId: 'ada.lovelace@example.org' })
    const read = token.split('.').map((part) => Buffer.from(part, 'base64url').toString('latin1'))
    assert.doesNotMatch(read.join('\n') + token, /lovelace|link1|upload/)
    assert.ok(!read.join('').includes(articleId))
    assert.equal((await signLink(keys, claims)).length, token.length)
  })
  it('are sealed with a key that opens no other kind of link', async () => {
    const article = await sealClaims(keys, 'article link', { i: 'link1' })
    assert.deepEqual(await openClaims(keys, 'article link', article), { i: 'link1' })
    await assert.rejects(openClaims(keys, 'analytics link', article), refused('LINK_INVALID'))
    const analytics = await sealClaims(keys, 'analytics link', { i: 'link1' })
    await assert.rejects(openClaims(keys, 'article link', analytics), refused('LINK_INVALID'))
  })
  it('are refused when any character is changed, removed or added', async () => {
    const token = await signLink(keys, claims)
    await fc.assert(
      fc.asyncProperty(
        fc.nat(token.length - 1),
        fc.constantFrom('A', 'b', '.', ''),
        async (at, replacement) => {
          const altered = token.slice(0, at) + replacement + token.slice(at + 1)
          if (altered === token) return
          await assert.rejects(verifyLink(keys, altered, now, purposes), refused('LINK_INVALID'))
        },
      ),
    )
  })
  it('have one spelling: bits that decoders pass over must be as they were', async () => {
    const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
    const parts = (await signLink(keys, claims)).split('.')
    let tried = 0
    for (const [n, part] of parts.entries()) {
      const last = part.at(-1) ?? ''
      const other = letters[letters.indexOf(last) ^ 1] ?? ''
      const same = part.slice(0, -1) + other
      if (!part || Buffer.compare(Buffer.from(part, 'base64url'), Buffer.from(same, 'base64url'))) {
        continue
      }
      tried += 1
      const altered = parts.with(n, same).join('.')
      await assert.rejects(verifyLink(keys, altered, now, purposes), refused('LINK_INVALID'))
    }
    assert.ok(tried > 0)
  })
  it('are refused for whatever else is sent in their place', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string(), async (token) => {
        await assert.rejects(verifyLink(keys, token, now, purposes), refused('LINK_INVALID'))
      }),
    )
  })
  it('expire to the second', async () => {
    const token = await signLink(keys, claims)
    const last = new Date(claims.expiresAt.getTime() - 1)
    assert.equal((await verifyLink(keys, token, last, purposes)).linkId, 'link1')
    await assert.rejects(
      verifyLink(keys, token, claims.expiresAt, purposes),
      refused('LINK_EXPIRED'),
    )
  })
  it('serve one purpose only', async () => {
    const token = await signLink(keys, claims)
    await assert.rejects(verifyLink(keys, token, now, ['download']), refused('LINK_INVALID'))
  })
  it('outlive a change of key, and do not outlive the removal of theirs', async () => {
    const token = await signLink(keys, claims)
    const rotated = ['n'.repeat(32), ...keys]
    assert.deepEqual(await verifyLink(rotated, token, now, purposes), claims)
    await assert.rejects(
      verifyLink(['n'.repeat(32)], token, now, purposes),
      refused('LINK_INVALID'),
    )
  })
})
