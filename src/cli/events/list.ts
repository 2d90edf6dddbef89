import { setTimeout as delay } from 'node:timers/promises'
import { eventRegistry } from '../../events/registry.ts'
import type { EventFilter, LoggedEvent } from '../../store/archives/event-log.ts'
import { visibleJson } from '../../visible-text.ts'
import { type CliCall, UsageError } from '../command.ts'
import { openStore, type Store } from '../setup/open-store.ts'
import { numberOption } from '../terminal/number-option.ts'
import { oneLine, type Terminal } from '../terminal/terminal.ts'

const shownByDefault = 50
const eventsPerPage = 500
const pollMs = 200

/** Shows the latest events that match, and with --follow the next ones until stopped. */
export async function listEvents(call: CliCall): Promise<number> {
  const filter = filterOf(call)
  const limit = numberOption(call, 'limit', { min: 1, max: 100_000 }) ?? shownByDefault
  const { latestEvents } = await import('../../store/archives/event-log.ts')
  await using store = await openStore(call.settings())
  const show = shower(call)
  await store.project('audit')
  const { events, position } = await latestEvents(store.database.projector, filter, limit)
  for (const event of events) show(event)
  const missing = await archivedOf(store, filter)
  // On stderr: what is listed may be read by a program.
  if (missing !== null) call.terminal.complain(`Not shown: events in archives of ${missing}.`)
  else if (events.length === 0) call.terminal.complain('No such events.')
  if (call.flag('follow')) await follow(call, store, { filter, position, show })
  return 0
}

/** The archived months that the filter asks for, as words; null when there is none. */
async function archivedOf(store: Store, filter: EventFilter): Promise<string | null> {
  const { archivedMonths, sayMonths } = await import('../../store/archives/event-archives.ts')
  const [since = '', until = '9999'] = [filter.since, filter.until].map((time) =>
    time?.toISOString().slice(0, 7),
  )
  const archives = (await archivedMonths(store.database.projector)).filter(
    ({ month }) => month >= since && month <= until,
  )
  return archives.length === 0 ? null : sayMonths(archives)
}

interface Following {
  filter: EventFilter
  position: number
  show: (event: LoggedEvent) => void
}

/** Asks again and again: the order is one in which no event slips in before one that was shown. */
async function follow({ stopping }: CliCall, store: Store, following: Following): Promise<void> {
  const { eventsAfter } = await import('../../store/archives/event-log.ts')
  let after = following.position
  while (!stopping.aborted) {
    // A server may not be running, and sentences come from the audit.
    await store.project('audit')
    const page = await eventsAfter(store.database.projector, following.filter, {
      after,
      limit: eventsPerPage,
    })
    for (const event of page.events) following.show(event)
    after = page.position
    if (page.events.length < eventsPerPage) {
      await delay(pollMs, undefined, { signal: stopping }).catch(() => {})
    }
  }
}

function filterOf(call: CliCall): EventFilter {
  const [user, article, type, callId] = ['user', 'article', 'type', 'call'].map(call.option)
  if (type !== undefined && !eventRegistry.has(type)) {
    const types = [...eventRegistry.keys()].join(', ')
    throw new UsageError(`There is no event type "${type}".`, `There are: ${types}.`)
  }
  const since = timeOption(call, 'since')
  const until = timeOption(call, 'until')
  return {
    ...(user !== undefined && { userId: user }),
    ...(article !== undefined && { articleId: article.toLowerCase() }),
    ...(type !== undefined && { type }),
    ...(callId !== undefined && { callId }),
    ...(since && { since }),
    ...(until && { until }),
  }
}

function timeOption(call: CliCall, name: string): Date | undefined {
  const text = call.option(name)
  if (text === undefined) return undefined
  // A time without a zone would mean another moment on another machine.
  const zoned = /T/.test(text) && !/(Z|[+-]\d\d:?\d\d)$/.test(text) ? `${text}Z` : text
  const time = /^[1-9]\d{3}-\d\d-\d\d/.test(text) ? new Date(zoned) : new Date(Number.NaN)
  if (!Number.isNaN(time.getTime())) return time
  throw new UsageError(`--${name} takes a day or a time such as 2026-01-31T08:00Z, not "${text}".`)
}

function shower(call: CliCall): (event: LoggedEvent) => void {
  const { terminal } = call
  if (!call.flag('json')) return (event) => terminal.print(eventLine(terminal, event))
  return ({ summary: _, ...event }) => terminal.print(visibleJson(JSON.stringify(event)))
}

function eventLine({ paint }: Terminal, event: LoggedEvent): string {
  const time = event.recorded_at.toISOString().slice(0, 23).replace('T', ' ')
  const who = `${oneLine(event.user_id, 40)} ${event.metadata.actor ?? ''}`.trimEnd()
  const says = oneLine(event.summary ?? event.type)
  return `${paint('dim', `${time}  ${event.event_id}`)}  ${who}  ${paint('bold', event.type)}  ${says}`
}
