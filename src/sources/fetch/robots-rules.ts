import robotsParser from 'robots-parser'

interface ParsedRobots {
  isAllowed: (url: string, agent: string) => boolean | undefined
  getCrawlDelay: (agent: string) => number | undefined
}

// The package's types describe a default export that its CommonJS does not have.
const parseRobots = robotsParser as unknown as (url: string, text: string) => ParsedRobots

/** What one robots.txt says to us. */
export interface RobotsRules {
  /** Whether any rule of the file is for us. */
  hasRules: boolean
  allows: (url: URL) => boolean
  crawlDelayMs: number
}

/** RFC 9309 asks for at least 500 KiB. */
export const robotsMaxBytes = 512_000
/** Matching costs path length times this; beyond it a file is an attack on our time. */
const wildcardCharactersMax = 20_000
const crawlDelayMaxMs = 10_000

/** No file, or none that we may hold against ourselves. */
export const noRobotsRules: RobotsRules = {
  hasRules: false,
  allows: () => true,
  crawlDelayMs: 0,
}

export function robotsRules(origin: string, text: string, agent: string): RobotsRules {
  const ours = rulesFor(decodeUnreserved(text.replace(/^\uFEFF/, '')), agent)
  const parsed = parseRobots(`${origin}/robots.txt`, ours.text)
  const delay = (parsed.getCrawlDelay(agent) ?? 0) * 1000
  return {
    hasRules: ours.count > 0,
    allows: (url) => parsed.isAllowed(decodeUnreserved(url.href), agent) !== false,
    crawlDelayMs: Math.min(Math.max(0, delay), crawlDelayMaxMs),
  }
}

/** `%70rivate` and `private` are the same path (RFC 9309 section 2.2.2); the parser compares spellings. */
const decodeUnreserved = (text: string): string =>
  text.replace(/%[0-9a-f]{2}/gi, (escaped) => {
    const character = String.fromCharCode(Number.parseInt(escaped.slice(1), 16))
    return /[a-z0-9\-._~]/i.test(character) ? character : escaped
  })

/**
 * Replaces every agent that is not us by one stand-in. The parser copies each rule to every agent of its
 * group, so a file of thousands of agents and rules would otherwise fill the memory.
 */
function rulesFor(text: string, agent: string): { text: string; count: number } {
  const kept: string[] = []
  let group = new Set<string>()
  let inAgents = false
  let count = 0
  let wildcards = 0
  for (const line of text.split(/\r\n|\r|\n/)) {
    const [, field, value] =
      /^\s*(user-agent|allow|disallow|crawl-delay)\s*:\s*([^#]*)/i.exec(line) ?? []
    if (field === undefined || value === undefined) continue
    if (field.toLowerCase() === 'user-agent') {
      if (!inAgents) group = new Set()
      inAgents = true
      const name = agentToken(value)
      const stand = name === '*' || name === agentToken(agent) ? name : 'somebody-else'
      if (!group.has(stand)) kept.push(`User-agent: ${stand}`)
      group.add(stand)
      continue
    }
    inAgents = false
    if (!group.has('*') && !group.has(agentToken(agent))) continue
    if (value.includes('*')) wildcards += value.length
    if (value.includes('*') && wildcards > wildcardCharactersMax) continue
    if (value.trim() !== '') count += 1
    kept.push(line)
  }
  return { text: kept.join('\n'), count }
}

/** The product token: what is before the version, in lower case. */
const agentToken = (agent: string): string => {
  const name = agent.trim().toLowerCase()
  return name.startsWith('*') ? '*' : (/^[a-z_-]+/.exec(name)?.[0] ?? name)
}
