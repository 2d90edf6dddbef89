import type { FastifyPluginAsync } from 'fastify'
import { z } from 'zod'
import { assignPlan } from '../../../commands/usage/assign-plan.ts'
import { planShape, weightMax } from '../../../events/people/user-events.ts'
import { assignedPlan, findPlan } from '../../../projections/usage/plans.ts'
import { callerOf, type HttpContext } from '../../server/http-context.ts'
import type { ZodTypes } from '../../server/zod-schemas.ts'

const params = z.strictObject({
  user_id: z
    .string()
    .regex(/^[\x21-\x7e]{1,255}$/)
    .describe('The subject at your issuer.'),
})

const limits = {
  calls_per_month: planShape.calls_per_month.describe('0 = unlimited.'),
  calls_per_minute: planShape.calls_per_minute.describe('In any sixty seconds; 0 = unlimited.'),
  concurrent_operations: planShape.concurrent_operations.describe(
    'Operations of slow tools at the same time; 0 = unlimited.',
  ),
}

const weights = () =>
  z
    .record(z.string().max(64), z.number().int().min(0).max(weightMax))
    .describe('What a call of a tool counts, by tool; of a tool that is not named, 1. 0 = nothing.')

const plan = z.object({
  user_id: z.string(),
  ...limits,
  weights: weights(),
  assigned: z.boolean().describe('False: what everybody has.'),
})

/** GET and PUT /plans/{user}: what a user may do, for administrators. */
export const planRoutes =
  ({ deps }: HttpContext): FastifyPluginAsync =>
  async (plain) => {
    const app = plain.withTypeProvider<ZodTypes>()
    const planOf = async (userId: string) => ({
      user_id: userId,
      ...(await findPlan(deps.reader, userId, deps.limits)),
    })
    app.get(
      '/plans/:user_id',
      {
        config: { access: 'nova:admin' },
        schema: { tags: ['plans'], summary: "A user's plan", params, response: { 200: plan } },
      },
      (request) => planOf(request.params.user_id),
    )
    app.put(
      '/plans/:user_id',
      {
        config: { access: 'nova:admin' },
        schema: {
          tags: ['plans'],
          summary: 'Assign a plan; it counts from the next call on',
          params,
          body: z.strictObject({ ...limits, weights: weights().default({}) }),
          response: { 200: plan },
        },
      },
      async (request) => {
        const admin = callerOf(request)
        const userId = request.params.user_id
        const assigned = await assignPlan(
          deps,
          { ...admin, userId },
          {
            callsPerMonth: request.body.calls_per_month,
            callsPerMinute: request.body.calls_per_minute,
            concurrentOperations: request.body.concurrent_operations,
            weights: request.body.weights,
            assignedBy: admin.userId,
          },
        )
        return { user_id: userId, ...assignedPlan(assigned) }
      },
    )
  }
