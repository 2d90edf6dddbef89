/**
 * A value without the fields that are null, nested ones too. Language models and their hosts write null for what they do
 * not give; no argument of ours means anything else by it. An element of a list stays: leaving it out would move the rest.
 */
export function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, held]) =>
      held === null ? [] : [[name, withoutNulls(held)]],
    ),
  )
}

/** JSON-RPC requests and notifications without null for what is not given; answers stay as they are. */
export function requestWithoutNulls(message: unknown): unknown {
  if (Array.isArray(message)) return message.map(requestWithoutNulls)
  if (typeof message !== 'object' || message === null || !('method' in message)) return message
  const { params, ...rest } = message as { params?: unknown }
  return params === undefined || params === null ? rest : { ...rest, params: withoutNulls(params) }
}

/** The same for a message of one line; most hold no null and are not parsed twice. */
export function lineWithoutNulls(line: string): string {
  if (!/:\s*null\b/.test(line)) return line
  try {
    return JSON.stringify(requestWithoutNulls(JSON.parse(line)))
  } catch {
    return line
  }
}
