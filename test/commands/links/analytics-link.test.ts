import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  checkAnalyticsLink,
  grantAnalyticsLink,
} from '../../../src/commands/links/analytics-link.ts'
import { signLink, verifyLink } from '../../../src/commands/links/link-token.ts'
import { Refusal } from '../../../src/errors.ts'
import { linkPurposes } from '../../../src/events/links/link-events.ts'
import { articleId } from '../../support/article-facts.ts'
import { caller, commandWorld } from '../../support/command-world.ts'

const keys = ['k'.repeat(32)]
const links = { keys, serverUrl: () => 'https://nova.example' }
const refused = (code: string) => (error: unknown) =>
  error instanceof Refusal && error.code === code

describe('a link to the numbers over all users', () => {
  it('is on record, holds for a quarter of an hour, and for nothing else', async () => {
    await using w = await commandWorld()
    const { url, expiresAt } = await grantAnalyticsLink({ ...w.deps, links }, caller('root'))
    const [, token = ''] = url.split('https://nova.example/analytics/')
    await checkAnalyticsLink(keys, token, new Date(expiresAt.getTime() - 1))
    assert.equal(expiresAt.getTime() - w.clock.now.getTime(), 15 * 60_000)
    await assert.rejects(checkAnalyticsLink(keys, token, expiresAt), refused('LINK_EXPIRED'))
    const others = ['n'.repeat(32)]
    await assert.rejects(checkAnalyticsLink(others, token, w.clock.now), refused('LINK_INVALID'))
    await assert.rejects(
      verifyLink(keys, token, w.clock.now, linkPurposes),
      refused('LINK_INVALID'),
    )
    const { events } = await w.deps.store.readAll(0, 10)
    assert.deepEqual(
      events.map(({ type, userId, data }) => [type, userId, Object(data).purpose]),
      [['LinkIssued', 'root', 'analytics']],
    )
  })

  it('is none that was made for an article, of whatever purpose', async () => {
    const now = new Date()
    const expiresAt = new Date(now.getTime() + 60_000)
    for (const purpose of linkPurposes) {
      const of = { linkId: 'link1', rootId: 'link1', userId: 'eve', articleId, expiresAt }
      const through = { uploads: 0, bytesMax: 0 }
      const claims = { ...of, purpose, bytesMax: 0, through, generation: 0 }
      const token = await signLink(keys, claims)
      await assert.rejects(checkAnalyticsLink(keys, token, now), refused('LINK_INVALID'))
    }
    await assert.rejects(checkAnalyticsLink(keys, 'eyJ9.x', now), refused('LINK_INVALID'))
  })
})
