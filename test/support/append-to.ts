import type { NewEvent } from '../../src/events/define-event.ts'
import type {
  Append,
  Appended,
  AppendOptions,
  EventStore,
  StreamRef,
} from '../../src/store/events/event-store.ts'

export type AppendToOptions = AppendOptions & Pick<Append, 'expectedVersion'>

/** Appends to one stream, as most tests do. */
export async function appendTo(
  store: Pick<EventStore, 'append'>,
  { userId, streamId }: StreamRef,
  events: readonly NewEvent[],
  { expectedVersion, ...options }: AppendToOptions,
): Promise<Appended> {
  const [appended] = await store.append(userId, [{ streamId, events, expectedVersion }], options)
  return appended
}
