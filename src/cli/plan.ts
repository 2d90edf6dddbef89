import type { PlanRow } from '../projections/plans.ts'
import { type CliCall, type CliCommand, UsageError } from './command.ts'
import { numberOption } from './number-option.ts'
import { openStore, type Store } from './open-store.ts'
import { table } from './table.ts'

/** What one user may do, by whoever may open the database. */
export const plan: CliCommand = {
  name: 'plan',
  usage: 'show USER | set USER [--limit N] [--burst N] [--concurrent N]',
  summary: 'Show or assign what a user may do: calls a month, calls a minute, operations at once',
  details: [
    '0 is unlimited. What is left out stays as it is. A plan counts from the next call on, on every server.',
    'Users without a plan have MONTHLY_TOOL_CALL_LIMIT calls a month and no other limit.',
  ],
  positionals: { min: 2, max: 2 },
  options: {
    limit: { type: 'string', value: 'N', help: 'Tool calls per UTC calendar month' },
    burst: { type: 'string', value: 'N', help: 'Tool calls in any sixty seconds' },
    concurrent: { type: 'string', value: 'N', help: 'Operations of slow tools at the same time' },
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
    const store = await openStore(config)
    try {
      if (action === 'set') await assign(store, call, user, config.MONTHLY_TOOL_CALL_LIMIT)
      show(call, user, await current(store, user, config.MONTHLY_TOOL_CALL_LIMIT))
      return 0
    } finally {
      await store.close()
    }
  },
}

async function current(store: Store, user: string, monthlyLimit: number): Promise<PlanRow> {
  const { findPlan } = await import('../projections/plans.ts')
  return findPlan(store.reader, user, monthlyLimit)
}

async function assign(
  store: Store,
  call: CliCall,
  user: string,
  monthlyLimit: number,
): Promise<void> {
  const { assignPlan } = await import('../commands/assign-plan.ts')
  const asked = {
    limit: numberOption(call, 'limit', { min: 0, max: 1_000_000_000 }),
    burst: numberOption(call, 'burst', { min: 0, max: 100_000 }),
    concurrent: numberOption(call, 'concurrent', { min: 0, max: 1000 }),
  }
  if (Object.values(asked).every((value) => value === undefined)) {
    throw new UsageError('nova plan set takes --limit, --burst or --concurrent.')
  }
  const before = await current(store, user, monthlyLimit)
  await assignPlan(
    store.deps,
    { userId: user, metadata: { actor: 'cli' } },
    {
      callsPerMonth: asked.limit ?? before.calls_per_month,
      callsPerMinute: asked.burst ?? before.calls_per_minute,
      concurrentOperations: asked.concurrent ?? before.concurrent_operations,
      assignedBy: null,
    },
  )
}

function show(call: CliCall, user: string, row: PlanRow): void {
  const limit = (value: number) => (value === 0 ? 'unlimited' : String(value))
  const headings = ['user', 'calls a month', 'calls a minute', 'operations at once', 'plan']
  const cells = [
    user,
    limit(row.calls_per_month),
    limit(row.calls_per_minute),
    limit(row.concurrent_operations),
    row.assigned ? 'assigned' : 'what everybody has',
  ]
  for (const line of table(headings, [cells])) call.terminal.print(line)
}
