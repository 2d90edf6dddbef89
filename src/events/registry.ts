import { accessEvents } from './access-events.ts'
import { articleEvents } from './article-events.ts'
import type { EventDefinition } from './define-event.ts'
import { linkEvents } from './link-events.ts'
import { tokenEvents } from './token-events.ts'
import { usageEvents } from './usage-events.ts'
import { userEvents } from './user-events.ts'

/** Every event type there is; a type that is not here cannot be written or read. */
export const eventRegistry: ReadonlyMap<string, EventDefinition<string, unknown>> = new Map(
  [
    ...accessEvents,
    ...articleEvents,
    ...usageEvents,
    ...linkEvents,
    ...tokenEvents,
    ...userEvents,
  ].map((definition) => [
    definition.type,
    definition as unknown as EventDefinition<string, unknown>,
  ]),
)
