import type { AppendToOptions } from '../support/append-to.ts'

/**
 * The n-th command of a writer: always the same key and events, so that it can be repeated. Every third
 * has two events. `used_at` tells the events of one command apart.
 */
export function linkCommand(writer: string, n: number) {
  const mark = `${writer}-${n}`
  const event = (second: number) => ({
    link_id: mark,
    used_at: new Date(1_700_000_000_000 + n * 10_000 + second * 1000).toISOString(),
  })
  const options: AppendToOptions = {
    expectedVersion: 'any',
    metadata: { actor: 'user' },
    key: mark,
  }
  return {
    mark,
    // A few streams per writer, so that they grow long.
    stream: { userId: writer, streamId: `link-${writer}-${n % 2}` },
    events: n % 3 === 0 ? [event(0), event(1)] : [event(0)],
    options,
  }
}
