import type { Plan } from '../../src/commands/usage/assign-plan.ts'

/** What users may do: these limits, and no others. */
export const limits = (given: Partial<Plan> = {}): Plan => ({
  callsPerMonth: 0,
  callsPerMinute: 0,
  concurrentOperations: 0,
  weights: {},
  ...given,
})
