import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { childEnvironment } from './embedded-identity.ts'

/**
 * When a process started, in whatever form the system tells; undefined when it is gone. With the pid it
 * names one process for good: pids alone are reused, in containers within seconds.
 */
export function processStart(pid: number): string | undefined {
  if (!existsSync('/proc/self/stat')) return startFromPs(pid)
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The name, in parentheses, may hold blanks and parentheses itself.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    const [state] = fields
    return state === 'Z' ? undefined : fields[19]
  } catch {
    return undefined
  }
}

function startFromPs(pid: number): string | undefined {
  const done = spawnSync('ps', ['-o', 'lstart=', '-p', String(pid)], {
    env: childEnvironment,
    encoding: 'utf8',
  })
  return done.stdout?.trim() || undefined
}
