import { setTimeout as delay } from 'node:timers/promises'
import { inTime } from './in-time.ts'

/**
 * Resolves once the condition holds. The deadline, in milliseconds, ends a wait that is lost and says nothing about speed.
 * Throws Error with what was waited for and for how long; a condition that throws ends the wait at once.
 */
export async function until(
  condition: () => boolean | Promise<boolean>,
  what: string,
  deadlineMs?: number,
): Promise<void> {
  let over = false
  const holds = async () => {
    while (!over && !(await condition())) await delay(10)
  }
  try {
    await inTime(holds(), () => what, deadlineMs)
  } finally {
    over = true
  }
}
