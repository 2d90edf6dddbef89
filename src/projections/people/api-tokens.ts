import type { Scope } from '../../events/people/token-events.ts'
import type { TenantReader } from '../../store/database/tenant.ts'
import { definePatchProjection } from '../define-projection.ts'

const patch = (type: string, columns: string): string => `
  select user_id, data->>'token_id' as token_id, global_position as position,
    jsonb_build_object('stream_version', stream_version, ${columns}) as patch
  from batch where type = '${type}'`

/** One row per API token; verification reads it together with the version of the token's stream. */
export const apiTokensProjection = definePatchProjection({
  name: 'api_tokens',
  leavesWith: [],
  key: ['user_id', 'token_id'],
  columns: [
    'name',
    'scopes',
    'secret_sha256',
    'issued_at',
    'expires_at',
    'revoked_at',
    'stream_version',
  ],
  defaults: {},
  on: {
    ApiTokenIssued: patch(
      'ApiTokenIssued',
      `'name', data->'name', 'scopes', data->'scopes', 'secret_sha256', data->'secret_sha256',
       'issued_at', data->'issued_at', 'expires_at', data->'expires_at'`,
    ),
    ApiTokenRevoked: patch('ApiTokenRevoked', `'revoked_at', data->'revoked_at'`),
  },
})

export interface ApiTokenRow {
  token_id: string
  name: string
  scopes: Scope[]
  issued_at: Date
  expires_at: Date | null
  revoked_at: Date | null
  last_used_at: Date | null
}

/** The user's tokens, newest first, revoked ones included; their hashes stay in the database. */
export const listApiTokens = (
  reader: TenantReader,
  userId: string,
  limit: number,
): Promise<ApiTokenRow[]> =>
  reader.query<ApiTokenRow>(
    userId,
    `select t.token_id, t.name, t.scopes, t.issued_at, t.expires_at, t.revoked_at, u.last_used_at
     from nova.api_tokens t
     left join nova.api_token_uses u on u.user_id = t.user_id and u.token_id = t.token_id
     where t.user_id = $1 order by t.issued_at desc, t.token_id limit $2`,
    [userId, limit],
  )
