import type { Scope } from '../events/people/token-events.ts'
import type { ApiTokenRow } from '../projections/people/api-tokens.ts'
import { type CliCall, type CliCommand, UsageError } from './command.ts'
import { openStore, type Store } from './setup/open-store.ts'
import { numberOption } from './terminal/number-option.ts'
import { table } from './terminal/table.ts'
import { oneLine } from './terminal/terminal.ts'

const dayMs = 86_400_000
const listedMax = 500

/** API tokens of a user, for administrators who may open the database. */
export const token: CliCommand = {
  name: 'token',
  usage: 'create | list | revoke TOKEN_ID',
  summary: 'Issue, list or revoke API tokens for scripts and clients without sign-in',
  details: [
    'A token is shown once, when it is created, and kept as a hash. Send it as Authorization: Bearer.',
    'Revoking counts at once, on every server of the database.',
  ],
  positionals: { min: 1, max: 2 },
  options: {
    user: {
      type: 'string',
      value: 'USER',
      help: 'Whose token: the subject at your issuer; default: local',
    },
    name: { type: 'string', value: 'NAME', help: 'What it is for; shown in lists' },
    scopes: {
      type: 'string',
      value: 'SCOPES',
      help: 'read, write, admin, comma separated; default: read,write',
    },
    days: { type: 'string', value: 'N', help: 'Days until it expires; default 90, 0 = never' },
  },
  async run(call) {
    const [action, id] = call.positionals
    if (action === 'create' && id === undefined) return withStore(call, create)
    if (action === 'list' && id === undefined) return withStore(call, list)
    if (action === 'revoke' && id !== undefined)
      return withStore(call, (store) => revoke(store, call, id))
    throw new UsageError(
      'nova token takes `create`, `list`, or `revoke` and a token id.',
      `Usage: nova token ${token.usage}`,
    )
  },
}

async function withStore(
  call: CliCall,
  work: (store: Store, call: CliCall) => Promise<void>,
): Promise<number> {
  await using store = await openStore(call.settings())
  await work(store, call)
  return 0
}

async function create(store: Store, call: CliCall): Promise<void> {
  const { issueApiToken } = await import('../commands/people/issue-api-token.ts')
  const scopes = scopesOf(call)
  const days = numberOption(call, 'days', { min: 0, max: 3650 }) ?? 90
  const expiresAt = days ? new Date(Date.now() + days * dayMs) : null
  const name = oneLine(call.option('name') ?? 'from the command line', 100)
  const made = await issueApiToken(store.deps, callerOf(call), { name, scopes, expiresAt })
  const { terminal } = call
  terminal.print(made.token)
  // It is shown first: what can fail comes after what is not shown again. A server's workers fold it too.
  await store.project('api_tokens').catch(() => {})
  terminal.complain(
    `For ${userOf(call)}: ${scopes.join(' ')}; ${expiresAt ? `until ${expiresAt.toISOString().slice(0, 10)}` : 'until it is revoked'}.`,
  )
  terminal.complain('This is the only time that it is shown.')
}

async function list(store: Store, call: CliCall): Promise<void> {
  const { listApiTokens } = await import('../projections/people/api-tokens.ts')
  await store.project('api_tokens')
  const rows = await listApiTokens(store.deps.reader, userOf(call), listedMax)
  if (rows.length === 0) {
    call.terminal.print(`No tokens of ${userOf(call)}; --user names somebody else.`)
    return
  }
  const headings = ['token id', 'name', 'scopes', 'state', 'issued', 'last used']
  for (const line of table(headings, rows.map(cells))) call.terminal.print(line)
}

function cells(row: ApiTokenRow): string[] {
  return [
    row.token_id,
    oneLine(row.name, 40),
    row.scopes.join(' '),
    stateOf(row),
    row.issued_at.toISOString().slice(0, 10),
    row.last_used_at?.toISOString().slice(0, 16).replace('T', ' ') ?? 'never',
  ]
}

function stateOf({ revoked_at, expires_at }: ApiTokenRow): string {
  if (revoked_at) return 'revoked'
  if (!expires_at) return 'valid'
  const day = expires_at.toISOString().slice(0, 10)
  return expires_at > new Date() ? `until ${day}` : `expired ${day}`
}

/** Whose token it is, the token's id says. */
async function revoke(store: Store, call: CliCall, tokenId: string): Promise<void> {
  const { revokeApiToken } = await import('../commands/people/revoke-api-token.ts')
  const found = await store.deps.apiTokens.find(tokenId)
  const caller = { ...callerOf(call), userId: found?.userId ?? userOf(call) }
  const { appended } = await revokeApiToken(store.deps, caller, { tokenId })
  await store.project('api_tokens').catch(() => {})
  call.terminal.print(
    appended ? `${tokenId} no longer counts.` : `${tokenId} had been revoked before.`,
  )
}

const userOf = (call: CliCall): string => call.option('user') ?? 'local'

const callerOf = (call: CliCall) => ({
  userId: userOf(call),
  metadata: { actor: 'cli' as const },
})

function scopesOf(call: CliCall): Scope[] {
  const asked = (call.option('scopes') ?? 'read,write').split(',').map((scope) => scope.trim())
  return asked.map((scope) => {
    const known = (['nova:read', 'nova:write', 'nova:admin'] as const).find(
      (name) => name === scope || name === `nova:${scope}`,
    )
    if (known) return known
    throw new UsageError(`--scopes takes read, write and admin, not "${scope}".`)
  })
}
