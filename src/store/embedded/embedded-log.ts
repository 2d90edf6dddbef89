import { existsSync, readFileSync, statSync, truncateSync } from 'node:fs'

const maxBytes = 4 * 1024 * 1024

/** The server's log, bounded: a new start forgets the old lines once they are too many. */
export function openServerLog(file: string): { problem(): string } {
  if (existsSync(file) && statSync(file).size > maxBytes) truncateSync(file)
  const before = existsSync(file) ? statSync(file).size : 0
  return {
    /** Why the server that was started since did not stay, in its own words. */
    problem() {
      const lines = readFileSync(file).subarray(before).toString('utf8').trim().split('\n')
      const fatal = lines.findLast((line) => /FATAL|PANIC|error/.test(line)) ?? lines.at(-1) ?? ''
      return fatal.replace(/^.*?(FATAL|PANIC):\s*/, '').slice(0, 300) || 'it gave no reason'
    },
  }
}
