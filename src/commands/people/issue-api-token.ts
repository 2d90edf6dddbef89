import { ApiTokenIssued, type Scope, tokenStream } from '../../events/people/token-events.ts'
import type { Appended } from '../../store/events/event-store.ts'
import type { Caller, CommandDeps } from '../handle.ts'
import { newApiToken, secretHash, writeApiToken } from './api-token.ts'

export interface IssueApiToken {
  name: string
  scopes: readonly Scope[]
  /** Null: until it is revoked. */
  expiresAt: Date | null
}

export interface IssuedApiToken {
  /** The only time that it is seen. */
  token: string
  tokenId: string
  appended: Appended
}

/** Makes a token for the caller. What it may do was checked against what the caller may do. */
export async function issueApiToken(
  deps: Pick<CommandDeps, 'store' | 'now'>,
  caller: Caller,
  command: IssueApiToken,
): Promise<IssuedApiToken> {
  const made = newApiToken()
  const { tokenId } = made
  const issued = ApiTokenIssued({
    token_id: tokenId,
    name: command.name,
    scopes: [...command.scopes],
    secret_sha256: secretHash(made.secret),
    issued_at: deps.now().toISOString(),
    expires_at: command.expiresAt?.toISOString() ?? null,
  })
  const [appended] = await deps.store.append(
    caller.userId,
    [{ streamId: tokenStream(tokenId), events: [issued], expectedVersion: 0 }],
    { metadata: caller.metadata },
  )
  return { token: writeApiToken(made), tokenId, appended }
}
