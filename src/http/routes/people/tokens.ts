import type { FastifyPluginAsync } from 'fastify'
import { z } from 'zod'
import type { Identity } from '../../../commands/people/identity.ts'
import { issueApiToken } from '../../../commands/people/issue-api-token.ts'
import { revokeApiToken } from '../../../commands/people/revoke-api-token.ts'
import { Refusal } from '../../../errors.ts'
import { type Scope, scopes } from '../../../events/people/token-events.ts'
import { type ApiTokenRow, listApiTokens } from '../../../projections/people/api-tokens.ts'
import { callerOf, type HttpContext } from '../../server/http-context.ts'
import type { ZodTypes } from '../../server/zod-schemas.ts'

/** Tokens of one user that still count. */
const tokensMax = 100
const listedMax = 500
const dayMs = 86_400_000

const issue = z.strictObject({
  name: z.string().trim().min(1).max(100).describe('What it is for; shown in lists.'),
  scopes: z.array(z.enum(scopes)).min(1).max(3).default(['nova:read', 'nova:write']),
  expires_in_days: z.number().int().min(0).max(3650).default(90).describe('0 = never.'),
})

const params = z.strictObject({ token_id: z.string().regex(/^[0-9a-f]{16}$/) })

const listed = z.object({
  token_id: z.string(),
  prefix: z.string().describe('How the token begins.'),
  name: z.string(),
  scopes: z.array(z.enum(scopes)),
  issued_at: z.iso.datetime(),
  expires_at: z.iso.datetime().nullable(),
  revoked_at: z.iso.datetime().nullable(),
  last_used_at: z.iso.datetime().nullable().describe('To the minute.'),
})

const issued = z.object({
  token: z.string().describe('Shown this once.'),
  token_id: z.string(),
  scopes: z.array(z.enum(scopes)),
  expires_at: z.iso.datetime().nullable(),
})

/** The caller's API tokens: POST and GET /tokens, DELETE /tokens/{id}. */
export const tokenRoutes =
  ({ deps }: HttpContext): FastifyPluginAsync =>
  async (plain) => {
    const app = plain.withTypeProvider<ZodTypes>()
    app.post(
      '/tokens',
      {
        config: { access: 'nova:write' },
        schema: {
          tags: ['tokens'],
          summary: 'Issue an API token for scripts; it is shown this once',
          body: issue,
          response: { 201: issued },
        },
      },
      async (request, reply) => {
        const caller = callerOf(request)
        const { name, scopes, expires_in_days } = request.body
        refuseWider(request.identity, scopes)
        await refuseTooMany(deps, caller.userId)
        const expiresAt = expires_in_days
          ? new Date(deps.now().getTime() + expires_in_days * dayMs)
          : null
        const made = await issueApiToken(deps, caller, { name, scopes, expiresAt })
        // A token cannot be used before the projection knows it.
        await deps.projections.waitFor(['api_tokens'], made.appended.position)
        const expires_at = expiresAt?.toISOString() ?? null
        return reply
          .code(201)
          .send({ token: made.token, token_id: made.tokenId, scopes, expires_at })
      },
    )
    app.get(
      '/tokens',
      {
        config: { access: 'nova:read' },
        schema: {
          tags: ['tokens'],
          summary: 'List your API tokens, newest first',
          response: { 200: z.object({ tokens: z.array(listed) }) },
        },
      },
      async (request) => {
        const rows = await listApiTokens(deps.reader, callerOf(request).userId, listedMax)
        return { tokens: rows.map(tokenView) }
      },
    )
    app.delete(
      '/tokens/:token_id',
      {
        config: { access: 'nova:write' },
        schema: {
          tags: ['tokens'],
          summary: 'Revoke an API token; it counts for no request that begins after this one',
          params,
          response: { 204: { description: 'Revoked', type: 'null' } },
        },
      },
      async (request, reply) => {
        const caller = callerOf(request)
        const { appended } = await revokeApiToken(deps, caller, {
          tokenId: request.params.token_id,
        })
        if (appended) await deps.projections.waitFor(['api_tokens'], appended.position)
        return reply.code(204).send()
      },
    )
  }

/**
 * A caller gives away no more than they have. An API token issues none at all: one that leaked could otherwise
 * leave others behind, which its revocation would not reach.
 */
function refuseWider(identity: Identity | null, scopes: readonly Scope[]): void {
  if (identity?.tokenId !== undefined) throw new Refusal('TOKEN_CANNOT_ISSUE')
  const missing = scopes.find((scope) => !identity?.scopes.has(scope))
  if (missing) throw new Refusal('SCOPE_MISSING', { scope: missing })
}

async function refuseTooMany(deps: HttpContext['deps'], userId: string): Promise<void> {
  const rows = await listApiTokens(deps.reader, userId, listedMax)
  const now = deps.now()
  const counting = rows.filter(
    (row) => row.revoked_at === null && (row.expires_at === null || row.expires_at > now),
  )
  if (counting.length >= tokensMax) throw new Refusal('TOKENS_TOO_MANY', { max: tokensMax })
}

const tokenView = (row: ApiTokenRow): z.infer<typeof listed> => ({
  token_id: row.token_id,
  prefix: `nova_${row.token_id}`,
  name: row.name,
  scopes: row.scopes,
  issued_at: row.issued_at.toISOString(),
  expires_at: row.expires_at?.toISOString() ?? null,
  revoked_at: row.revoked_at?.toISOString() ?? null,
  last_used_at: row.last_used_at?.toISOString() ?? null,
})
