import { SourceFailure } from '../source-failure.ts'
import { noRobotsRules, type RobotsRules, robotsRules } from './robots-rules.ts'

/** Reads robots.txt of an origin, following redirects, cut at the length we parse. */
export type ReadRobots = (url: string) => Promise<{ status: number; text: string }>

interface Entry {
  rules: Promise<RobotsRules>
  staleAt: number
}

/** RFC 9309 forbids keeping a copy for longer than a day. */
const freshMs = 12 * 3_600_000
const failureFreshMs = 60_000
const originsMax = 1_000

/** Robots rules by origin, each file read once however many pages ask at the same time. */
export function createRobots(read: ReadRobots, agent: string): (url: URL) => Promise<RobotsRules> {
  const origins = new Map<string, Entry>()
  return (url) => {
    const known = origins.get(url.origin)
    if (known && known.staleAt > Date.now()) return known.rules
    const oldest = origins.size >= originsMax ? origins.keys().next().value : undefined
    if (oldest !== undefined) origins.delete(oldest)
    const entry: Entry = {
      rules: readRules(read, url.origin, agent),
      staleAt: Date.now() + freshMs,
    }
    entry.rules.catch(() => {
      entry.staleAt = Date.now() + failureFreshMs
    })
    origins.delete(url.origin)
    origins.set(url.origin, entry)
    return entry.rules
  }
}

/**
 * No file (4xx) allows everything; a file that cannot be had (5xx) forbids everything. A host that cannot
 * be reached at all fails with that reason, which is the page's own.
 */
async function readRules(read: ReadRobots, origin: string, agent: string): Promise<RobotsRules> {
  const { status, text } = await read(`${origin}/robots.txt`)
  if (status === 429) throw new SourceFailure('RATE_LIMITED', 'robots.txt answered 429')
  if (status >= 500) throw new SourceFailure('ROBOTS_DISALLOWED', `robots.txt answered ${status}`)
  return status >= 200 && status < 300 ? robotsRules(origin, text, agent) : noRobotsRules
}
