import { Refusal } from '../../errors.ts'
import { type LinkPurpose, LinksRevoked, linksStream } from '../../events/links/link-events.ts'
import type { EventStore } from '../../store/events/event-store.ts'
import { loadArticle } from '../articles/article-stream.ts'
import { type Caller, type CommandDeps, foldStream } from '../handle.ts'
import { type LinkClaims, verifyLink } from './link-token.ts'

/** Revokes every link of an article that was given out until now, at every server. */
export async function revokeLinks(
  deps: Pick<CommandDeps, 'store' | 'now'>,
  caller: Caller,
  command: { articleId: string },
): Promise<{ articleId: string; revokedAt: Date }> {
  const { article } = await loadArticle(deps.store, caller.userId, command.articleId)
  const { articleId } = article
  const revokedAt = deps.now()
  const revoked = LinksRevoked({ article_id: articleId, revoked_at: revokedAt.toISOString() })
  await deps.store.append(
    caller.userId,
    [{ streamId: linksStream(articleId), events: [revoked], expectedVersion: 'any' }],
    { metadata: caller.metadata },
  )
  return { articleId, revokedAt }
}

/** How often an article's links were revoked: the version of a stream that holds nothing else. */
export async function linkGeneration(
  store: EventStore,
  userId: string,
  articleId: string,
): Promise<number> {
  const streamId = linksStream(articleId)
  const revocations = { streamId, initial: 0, evolve: (count: number) => count + 1 }
  return (await foldStream(store, userId, revocations)).version
}

/** What a link grants. Throws LINK_INVALID, LINK_EXPIRED, or LINK_REVOKED when its owner took it back. */
export async function openLink(
  deps: Pick<CommandDeps, 'store' | 'now'> & { links: { keys: readonly string[] } },
  token: string,
  purposes: readonly LinkPurpose[],
): Promise<LinkClaims> {
  const claims = await verifyLink(deps.links.keys, token, deps.now(), purposes)
  const generation = await linkGeneration(deps.store, claims.userId, claims.articleId)
  if (generation > claims.generation) throw new Refusal('LINK_REVOKED')
  return claims
}
