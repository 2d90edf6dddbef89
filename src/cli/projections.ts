import type { Database } from '../store/database/database.ts'
import type { ProjectionStatus } from '../store/projections/projection-status.ts'
import { type CliCall, type CliCommand, UsageError } from './command.ts'
import { table } from './terminal/table.ts'

/** How far the read models are, and building one anew beside the one that serves. */
export const projections: CliCommand = {
  name: 'projections',
  usage: 'status | rebuild NAME|all',
  summary: 'Show the read models, or build one anew while the old one serves',
  details: ['A rebuild that was interrupted goes on where it stopped when it is called again.'],
  positionals: { min: 1, max: 2 },
  options: {},
  async run(call) {
    const [action, name] = call.positionals
    const asked =
      action === 'rebuild' ? name !== undefined : action === 'status' && name === undefined
    if (!asked) {
      throw new UsageError('nova projections takes `status`, or `rebuild` and a name.')
    }
    const { openDatabase } = await import('../store/database/database.ts')
    const database = await openDatabase(call.settings(), { unhurried: true })
    try {
      const names = action === 'rebuild' && name ? await rebuild(call, database, name) : undefined
      return await showStatus(call, database, names)
    } finally {
      await database.close()
    }
  },
}

async function showStatus(
  { terminal }: CliCall,
  database: Database,
  names: readonly string[] | undefined,
): Promise<number> {
  const { createProjectionGate } = await import('../store/projections/projection-status.ts')
  const rows = await createProjectionGate(database.app, () => {}).status()
  const shown = names ? rows.filter((row) => names.includes(row.name)) : rows
  const cells = shown.map((row) => [
    row.name,
    String(row.generation),
    stateOf(row),
    String(row.position),
    String(row.lag),
    row.updated_at.toISOString(),
  ])
  const lines = table(['projection', 'generation', 'state', 'position', 'lag', 'updated'], cells)
  for (const line of lines) terminal.print(line)
  const halted = shown.filter((row) => row.failed_position !== null)
  for (const row of halted) {
    terminal.complain(`${row.name} halted at event ${row.failed_position}: ${row.failure ?? ''}`)
  }
  return halted.length > 0 ? 1 : 0
}

const stateOf = (row: ProjectionStatus): string =>
  row.failed_position === null ? row.status : 'halted'

async function rebuild(
  { terminal, stopping }: CliCall,
  database: Database,
  name: string,
): Promise<string[]> {
  const [{ Refusal }, registry, { rebuildProjection }] = await Promise.all([
    import('../errors.ts'),
    import('../projections/registry.ts'),
    import('../store/projections/rebuild-projection.ts'),
  ])
  const wanted = registry.projections.filter((known) => name === 'all' || known.name === name)
  if (wanted.length === 0) throw new Refusal('PROJECTION_UNKNOWN', { name })
  for (const projection of wanted) {
    if (stopping.aborted) break
    const begun = performance.now()
    const { generation, events } = await rebuildProjection(database, projection, (progress) =>
      terminal.status(`${projection.name}  ${bar(progress)}`),
    )
    const seconds = ((performance.now() - begun) / 1000).toFixed(1)
    terminal.print(
      `${projection.name}: generation ${generation} serves, ${events} events in ${seconds} s`,
    )
  }
  return wanted.map((projection) => projection.name)
}

function bar({ position, target }: { position: number; target: number }): string {
  const share = target > 0 ? Math.min(1, position / target) : 1
  const filled = Math.round(share * 30)
  return `[${'#'.repeat(filled)}${'.'.repeat(30 - filled)}] ${Math.floor(share * 100)} %`
}
