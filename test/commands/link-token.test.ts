import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { type LinkClaims, signLink, verifyLink } from '../../src/commands/link-token.ts'
import { Refusal } from '../../src/errors.ts'
import { articleId, now } from '../support/article-facts.ts'

const keys = ['k'.repeat(32)]
const claims: LinkClaims = {
  linkId: 'link1',
  purpose: 'upload_guideline',
  userId: 'ada',
  articleId,
  expiresAt: new Date(now.getTime() + 60_000),
  bytesMax: 100,
}
const purposes = ['upload_guideline'] as const
const refused = (code: string) => (error: unknown) =>
  error instanceof Refusal && error.code === code

describe('link tokens', () => {
  it('carry their claims', () => {
    assert.deepEqual(verifyLink(keys, signLink(keys, claims), now, purposes), claims)
  })
  it('are refused when any character is changed, removed or added', () => {
    const token = signLink(keys, claims)
    fc.assert(
      fc.property(
        fc.nat(token.length - 1),
        fc.constantFrom('A', 'b', '.', ''),
        (at, replacement) => {
          const altered = token.slice(0, at) + replacement + token.slice(at + 1)
          if (Buffer.from(altered, 'base64url').equals(Buffer.from(token, 'base64url'))) return
          if (altered === token) return
          assert.throws(() => verifyLink(keys, altered, now, purposes), refused('LINK_INVALID'))
        },
      ),
    )
  })
  it('are refused for whatever else is sent in their place', () => {
    fc.assert(
      fc.property(fc.string(), (token) => {
        assert.throws(() => verifyLink(keys, token, now, purposes), refused('LINK_INVALID'))
      }),
    )
  })
  it('expire to the second', () => {
    const token = signLink(keys, claims)
    const last = new Date(claims.expiresAt.getTime() - 1)
    assert.equal(verifyLink(keys, token, last, purposes).linkId, 'link1')
    assert.throws(
      () => verifyLink(keys, token, claims.expiresAt, purposes),
      refused('LINK_EXPIRED'),
    )
  })
  it('serve one purpose only', () => {
    const token = signLink(keys, claims)
    assert.throws(() => verifyLink(keys, token, now, ['download']), refused('LINK_INVALID'))
  })
  it('outlive a change of key, and do not outlive the removal of theirs', () => {
    const token = signLink(keys, claims)
    const rotated = ['n'.repeat(32), ...keys]
    assert.deepEqual(verifyLink(rotated, token, now, purposes), claims)
    assert.throws(() => verifyLink(['n'.repeat(32)], token, now, purposes), refused('LINK_INVALID'))
  })
})
