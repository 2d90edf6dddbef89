import { type Config, toolsetNames } from './config.ts'
import { Refusal } from './errors.ts'

export type Toolset = (typeof toolsetNames)[number]

/** Which tools a client may list and call. What its user may do is another matter, and decided by scopes. */
export interface Offer {
  readonly toolsets: ReadonlySet<Toolset>
  /** Only tools that change nothing. */
  readonly readOnly: boolean
}

/** What this server offers to anybody. */
export const offerOf = (config: Pick<Config, 'NOVA_TOOLSETS' | 'NOVA_READ_ONLY'>): Offer => ({
  toolsets: new Set(config.NOVA_TOOLSETS),
  readOnly: config.NOVA_READ_ONLY,
})

const isToolset = (name: string): name is Toolset =>
  (toolsetNames as readonly string[]).includes(name)

const split = (list: string): string[] =>
  list
    .split(',')
    .map((name) => name.trim())
    .filter(Boolean)

/** What a client asked for: names of toolsets, or undefined for all that are offered, and whether it only reads. */
export interface AskedOffer {
  toolsets: string | undefined
  readOnly: boolean
}

/** What of an offer a client asked for; nobody can ask for more than is offered. Throws TOOLSET_UNKNOWN. */
export function narrowed(offer: Offer, { toolsets, readOnly }: AskedOffer): Offer {
  const names = toolsets === undefined ? [...offer.toolsets] : split(toolsets)
  const found = names.filter(isToolset).filter((name) => offer.toolsets.has(name))
  if (found.length < names.length || found.length === 0) {
    const offered = toolsetNames.filter((name) => offer.toolsets.has(name))
    throw new Refusal('TOOLSET_UNKNOWN', { toolsets: offered.join(', ') })
  }
  return { toolsets: new Set(found), readOnly: offer.readOnly || readOnly }
}
