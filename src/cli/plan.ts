import { defaultLimits } from '../compose/default-limits.ts'
import { weightMax } from '../events/people/user-events.ts'
import type { PlanRow } from '../projections/usage/plans.ts'
import { type CliCall, type CliCommand, UsageError } from './command.ts'
import { openStore, type Store } from './setup/open-store.ts'
import { numberOption } from './terminal/number-option.ts'
import { table } from './terminal/table.ts'

/** What one user may do, for administrators who may open the database. */
export const plan: CliCommand = {
  name: 'plan',
  usage:
    'show USER | set USER [--calls-per-month N] [--calls-per-minute N] [--concurrent-operations N] [--weight TOOL=N]',
  summary: 'Show or assign what a user may do: calls a month, calls a minute, operations at once',
  details: [
    '0 is unlimited. What is left out stays as it is. A plan counts from the next call on, on every server.',
    'A call counts one in the month, or what --weight says of its tool; of weight 0 it counts nothing.',
    'Users without a plan have MONTHLY_TOOL_CALL_LIMIT, NOVA_CALLS_PER_MINUTE, NOVA_CONCURRENT_OPERATIONS.',
  ],
  positionals: { min: 2, max: 2 },
  options: {
    'calls-per-month': { type: 'string', value: 'N', help: 'Tool calls per UTC calendar month' },
    'calls-per-minute': { type: 'string', value: 'N', help: 'Tool calls in any sixty seconds' },
    'concurrent-operations': {
      type: 'string',
      value: 'N',
      help: 'Operations of slow tools at the same time',
    },
    weight: {
      type: 'string',
      multiple: true,
      value: 'TOOL=N',
      help: 'What a call of the tool counts; may be given several times',
    },
  },
  async run(call) {
    const [action, user] = call.positionals
    if ((action !== 'set' && action !== 'show') || !user || !/^[\x21-\x7e]{1,255}$/.test(user)) {
      throw new UsageError(
        'nova plan takes `show` or `set` and a user.',
        `Usage: nova plan ${plan.usage}`,
      )
    }
    const config = call.settings()
    await using store = await openStore(config)
    const { findPlan } = await import('../projections/usage/plans.ts')
    const current = await findPlan(store.deps.reader, user, defaultLimits(config))
    show(call, user, action === 'set' ? await assign(store, call, user, current) : current)
    return 0
  },
}

async function assign(
  store: Store,
  call: CliCall,
  user: string,
  before: PlanRow,
): Promise<PlanRow> {
  const { assignPlan } = await import('../commands/usage/assign-plan.ts')
  const { assignedPlan } = await import('../projections/usage/plans.ts')
  const asked = {
    callsPerMonth: numberOption(call, 'calls-per-month', { min: 0, max: 1_000_000_000 }),
    callsPerMinute: numberOption(call, 'calls-per-minute', { min: 0, max: 100_000 }),
    concurrentOperations: numberOption(call, 'concurrent-operations', { min: 0, max: 1000 }),
  }
  const weights = weightsOf(call)
  if (Object.values({ ...asked, ...weights }).every((value) => value === undefined)) {
    throw new UsageError(
      'nova plan set takes --calls-per-month, --calls-per-minute, --concurrent-operations or --weight.',
    )
  }
  const assigned = await assignPlan(
    store.deps,
    { userId: user, metadata: { actor: 'cli' } },
    {
      callsPerMonth: asked.callsPerMonth ?? before.calls_per_month,
      callsPerMinute: asked.callsPerMinute ?? before.calls_per_minute,
      concurrentOperations: asked.concurrentOperations ?? before.concurrent_operations,
      weights: { ...before.weights, ...weights },
      assignedBy: null,
    },
  )
  return assignedPlan(assigned)
}

/** `--weight TOOL=N`, each. Throws UsageError; whether the tool exists is decided by the command. */
function weightsOf(call: CliCall): Record<string, number> {
  return Object.fromEntries(
    call.options('weight').map((text) => {
      const [, tool = '', number = ''] = /^([a-z_]{1,64})=(\d{1,4})$/.exec(text) ?? []
      if (tool && Number(number) <= weightMax) return [tool, Number(number)]
      throw new UsageError(`--weight takes TOOL=N with N from 0 to ${weightMax}, not "${text}".`)
    }),
  )
}

function show(call: CliCall, user: string, row: PlanRow): void {
  const limit = (value: number) => (value === 0 ? 'unlimited' : String(value))
  const weights = Object.entries(row.weights).map(([tool, weight]) => `${tool}=${weight}`)
  const headings = [
    'user',
    'calls a month',
    'calls a minute',
    'operations at once',
    'plan',
    'weights',
  ]
  const cells = [
    user,
    limit(row.calls_per_month),
    limit(row.calls_per_minute),
    limit(row.concurrent_operations),
    row.assigned ? 'assigned' : 'what everybody has',
    weights.join(' ') || 'none',
  ]
  for (const line of table(headings, [cells])) call.terminal.print(line)
}
