import { setTimeout as delay } from 'node:timers/promises'

/** Resolves once the condition holds. The test's own timeout bounds the wait. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await delay(10)
}
