import { Refusal } from '../../errors.ts'
import { ApiTokenRevoked, type TokenEvent, tokenStream } from '../../events/people/token-events.ts'
import { type Caller, type CommandDeps, handle } from '../handle.ts'

type Token = 'absent' | 'valid' | 'revoked'

const evolve = (_token: Token, event: TokenEvent): Token =>
  event.type === 'ApiTokenIssued' ? 'valid' : 'revoked'

/** Revoking twice adds nothing. Absent and somebody else's give the identical refusal. */
export function decideRevokeApiToken(
  command: { tokenId: string; now: Date },
  token: Token,
): TokenEvent[] {
  if (token === 'absent') throw new Refusal('TOKEN_NOT_FOUND')
  if (token === 'revoked') return []
  return [ApiTokenRevoked({ token_id: command.tokenId, revoked_at: command.now.toISOString() })]
}

/** Counts for every request that begins after it, on every server. */
export const revokeApiToken = (
  deps: Pick<CommandDeps, 'store' | 'now'>,
  caller: Caller,
  command: { tokenId: string },
) =>
  handle<Token, TokenEvent>(deps, caller, {
    streamId: tokenStream(command.tokenId),
    initial: 'absent',
    evolve,
    decide: (token) => decideRevokeApiToken({ ...command, now: deps.now() }, token),
  })
