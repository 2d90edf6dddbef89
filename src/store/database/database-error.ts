import pg from 'pg'
import { isRefusalCode, outcomeUnknown, Refusal } from '../../errors.ts'

/** A statement was sent and its connection broke before the answer came: whether it was done is not known. */
export class AnswerLost extends Error {
  constructor(cause: unknown) {
    super('the connection broke before the database answered', { cause })
    this.name = 'AnswerLost'
  }
}

/** No connection was had, so nothing was sent: the server is `silent`, or too `busy` to wait for. */
export class NoConnection extends Error {
  readonly reason: 'busy' | 'silent'

  constructor(reason: 'busy' | 'silent') {
    super(`no connection to the database: it is ${reason}`)
    this.name = 'NoConnection'
    this.reason = reason
  }
}

/** The server has said that a statement failed, so it was not done. A session that is ended says FATAL. */
export const isRolledBack = (error: unknown): boolean =>
  error instanceof pg.DatabaseError && error.severity === 'ERROR'

const unavailableStates = new Set([
  '25P03', // idle in transaction for too long
  '40001', // serialization failure
  '40P01', // deadlock
  '53100', // disk full
  '53200', // out of memory
  '53300', // too many connections
  '55P03', // lock not available in time
  '57014', // statement timeout
  '57P01', // terminated by an administrator
  '57P02', // crash of another backend
  '57P03', // starting up or shutting down
  '57P05', // idle for too long
])

const unavailableCodes = new Set([
  'EAI_AGAIN',
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EPIPE',
  'ETIMEDOUT',
])

// What pg says in words only.
const unavailableMessages = [
  /^timeout exceeded when trying to connect/,
  /^timeout expired/,
  /^Query read timeout/,
  /^Connection terminated/,
  /^Client has encountered a connection error/,
  /^Client was closed/,
  /^Cannot use a pool after calling end/,
]

/** Refused credentials and a database that does not exist: waiting will not help. */
const wrongSettings = new Set(['28000', '28P01', '3D000'])

/**
 * The refusal that a failure of the database means for the caller, or the error as it came when it is not
 * the database's but our mistake. SQLSTATE NV100 is a refusal that a function of ours gives: the message is
 * its code, and the error's detail the details as JSON. To be thrown: `throw translateDatabaseError(error)`.
 */
export function translateDatabaseError(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof Refusal) return error
  const code = 'code' in error ? String(error.code) : ''
  if (code === 'NV100' && error instanceof pg.DatabaseError) {
    if (!isRefusalCode(error.message)) return error
    return new Refusal(error.message, JSON.parse(error.detail ?? '{}'), { cause: error })
  }
  if (code === '22023' && error.message.includes('parameter "role"')) {
    return new Refusal(
      'DATABASE_NOT_MIGRATED',
      { problem: "it lacks the roles of Nova's first migration" },
      { cause: error },
    )
  }
  if (/^unsupported startup parameter/.test(error.message)) {
    return new Refusal('DATABASE_POOLED', {}, { cause: error })
  }
  if (wrongSettings.has(code)) {
    const hint = 'The database refused the user, the password or the database name; check them.'
    return new Refusal('DATABASE_UNAVAILABLE', {}, { cause: error, hint })
  }
  if (error instanceof AnswerLost) return outcomeUnknown(error)
  if (error instanceof NoConnection) {
    return new Refusal('DATABASE_UNAVAILABLE', { reason: error.reason }, { cause: error })
  }
  if (isUnavailable(error)) return new Refusal('DATABASE_UNAVAILABLE', {}, { cause: error })
  return error
}

/** Whether the database, and not the statement, is why it failed. */
export function isUnavailable(error: unknown): boolean {
  if (error instanceof Refusal) return error.code === 'DATABASE_UNAVAILABLE'
  if (!(error instanceof Error)) return false
  const code = 'code' in error ? String(error.code) : ''
  return (
    error instanceof NoConnection ||
    /^08...$/.test(code) ||
    unavailableStates.has(code) ||
    unavailableCodes.has(code) ||
    // The socket of a server that is gone.
    (code === 'ENOENT' && 'syscall' in error && error.syscall === 'connect') ||
    error.name === 'CloudSQLConnectorError' ||
    unavailableMessages.some((message) => message.test(error.message))
  )
}
