import { AsyncLocalStorage } from 'node:async_hooks'

const shares = new AsyncLocalStorage<string>()

/**
 * Runs work whose conversions count as this user's, so that many of one user's never keep another's waiting.
 * The readers in between do not know users.
 */
export const onBehalfOf = <T>(userId: string, work: () => Promise<T>): Promise<T> =>
  shares.run(userId, work)

/** The user for whom conversions are asked now; '' when none was named. */
export const currentShare = (): string => shares.getStore() ?? ''
