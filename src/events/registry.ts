import { articleEvents } from './articles/article-events.ts'
import type { EventDefinition } from './define-event.ts'
import { linkEvents } from './links/link-events.ts'
import { accessEvents } from './people/access-events.ts'
import { tokenEvents } from './people/token-events.ts'
import { userEvents } from './people/user-events.ts'
import { usageEvents } from './usage/usage-events.ts'

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
