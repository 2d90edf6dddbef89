import type { StoredEvent } from './define-event.ts'

/** Turns the data of one stored version into the next; pure, and tested on a stored sample. */
export type Upcaster = (data: unknown) => unknown

const weighingOne: Upcaster = (data) => ({ ...(data as object), weight: 1 })

const unranked: Upcaster = (data) => {
  const { links, ...others } = data as { links: readonly object[] }
  return { ...others, links: links.map((link) => ({ ...link, rank: null })) }
}

/** Upcasters by `Type/version they read`. An event climbs them until it has the current version. */
export const upcasters: ReadonlyMap<string, Upcaster> = new Map<string, Upcaster>([
  // Before plans there was the month's limit only.
  ['ToolCallRefused/1', (data) => ({ ...(data as object), reason: 'month' })],
  // Before weights each call counted one.
  ['ToolCalled/1', weighingOne],
  ['ToolCallRefused/2', weighingOne],
  ['ToolCallRefunded/1', weighingOne],
  ['OperationStarted/1', (data) => ({ ...(data as object), usage_weight: 1 })],
  // Before ranks the guideline's links were all alike.
  ['UrlsExtracted/1', unranked],
  ['ResearchCompiled/1', (data) => ({ ...(data as object), evidence: null })],
  ['LinkIssued/1', (data) => data],
  ['PlanAssigned/1', (data) => ({ ...(data as object), weights: {} })],
])

/** The event as today's code knows it, whatever version was stored. */
export function upcast(event: StoredEvent): StoredEvent {
  let { schemaVersion, data } = event
  for (;;) {
    const step = upcasters.get(`${event.type}/${schemaVersion}`)
    if (!step)
      return schemaVersion === event.schemaVersion ? event : { ...event, schemaVersion, data }
    data = step(data)
    schemaVersion += 1
  }
}
