import { z } from 'zod'
import { defineEvent, type EventOf, instant } from '../define-event.ts'

const most = (max: number) => z.number().int().min(0).max(max)

/** How many units a call may count. */
export const weightMax = 1000

/** What a user may do; 0 = unlimited. The latest one counts. */
export const planShape = {
  calls_per_month: most(1_000_000_000),
  /** Within any sixty seconds. */
  calls_per_minute: most(100_000),
  /** Operations of slow tools that run at the same time. */
  concurrent_operations: most(1000),
}

/** Version 1 had no weights. */
export const PlanAssigned = defineEvent(
  'PlanAssigned',
  {
    ...planShape,
    /** Units that a call of a tool counts; of a tool that is not named, one. */
    weights: z.record(z.string().regex(/^[a-z_]{1,64}$/), most(weightMax)),
    /** The administrator, or null from the command line. */
    assigned_by: z.string().min(1).max(255).nullable(),
    assigned_at: instant(),
  },
  2,
)

export const userEvents = [PlanAssigned] as const

export type UserEvent = EventOf<(typeof userEvents)[number]>

export const userStream = (userId: string): string => `user-${userId}`
