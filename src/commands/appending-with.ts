import type { NewEvent } from '../events/define-event.ts'
import type { AppendOptions, EventStore } from '../store/events/event-store.ts'

/** What is added to each append of a store. */
type Extra = Pick<AppendOptions, 'beside' | 'operationsMax'>

/** The store as a command sees it whose appends take something along, asked for anew for each of them. */
export const appendingWith = (
  store: EventStore,
  extra: (events: readonly NewEvent[]) => Extra | Promise<Extra>,
): EventStore => ({
  append: async (stream, events, options) => {
    const { beside = [], ...bounds } = await extra(events)
    const all = [...beside, ...(options.beside ?? [])]
    return store.append(stream, events, { ...options, ...bounds, ...(all[0] && { beside: all }) })
  },
  read: (stream, afterVersion) => store.read(stream, afterVersion),
  readAll: (afterPosition, limit) => store.readAll(afterPosition, limit),
  waitForChange: (stream, afterVersion, options) =>
    store.waitForChange(stream, afterVersion, options),
})
