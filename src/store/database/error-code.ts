/** Whether an error carries this code: a system error such as ENOENT, or an SQLSTATE. */
export function isErrorCode(error: unknown, ...codes: string[]): boolean {
  return (
    error instanceof Error &&
    'code' in error &&
    typeof error.code === 'string' &&
    codes.includes(error.code)
  )
}
