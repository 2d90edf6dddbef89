import { SourceFailure } from '../source-failure.ts'
import type { TimeLimit } from './time-limit.ts'

/** Says in our terms why an exchange broke off. What undici and TLS say never leaves as text. */
export function networkFailure(error: unknown, limit: TimeLimit): SourceFailure {
  if (error instanceof SourceFailure) return error
  if (limit.expired()) return new SourceFailure('TIMEOUT', undefined, { cause: error })
  if (limit.signal.aborted) return new SourceFailure('CANCELLED', undefined, { cause: error })
  for (let cause = error, depth = 0; cause instanceof Error && depth < 6; depth += 1) {
    if (cause instanceof SourceFailure) return cause
    const reason = reasonOf(cause)
    if (reason) return new SourceFailure(reason, undefined, { cause: error })
    cause = cause.cause
  }
  return new SourceFailure('CONNECTION', undefined, { cause: error })
}

function reasonOf(error: Error) {
  if (error.message === 'bad port') return 'BLOCKED_ADDRESS'
  const code = 'code' in error ? String(error.code) : ''
  if (code === 'ENOTFOUND' || code.startsWith('EAI_')) return 'DNS'
  if (/TIMEOUT|TIMEDOUT/.test(code)) return 'TIMEOUT'
  if (
    /^(CERT_|UNABLE_TO_|ERR_TLS|ERR_SSL|EPROTO|HOSTNAME_MISMATCH)|SELF_SIGNED|ISSUER/.test(code)
  ) {
    return 'TLS'
  }
  if (/^(HPE_|Z_|ERR_BROTLI|ERR__ERROR|ZSTD|UND_ERR_HEADERS_OVERFLOW)/.test(code))
    return 'HTTP_ERROR'
  return undefined
}
