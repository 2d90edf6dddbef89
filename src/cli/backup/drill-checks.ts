import type { StreamHead } from '../../store/archives/heads-file.ts'
import type { Database } from '../../store/database/database.ts'

/** What a drill found out about a copy. Anything but `ok` is a doubt, and fails it. */
export interface DrillCheck {
  name: string
  ok: boolean
  detail: string
}

/** What is to be found in the copy, as of before the moment to which it was restored. */
export interface Expected {
  heads: () => AsyncIterable<StreamHead>
  /** By the live server's clock: what was stored before must be there. */
  bodiesBefore: Date
}

/** Compares a copy with the live database and with itself. The copy is written to: its read models are rebuilt. */
export async function* checkCopy(
  { live, copy }: { live: Database; copy: Database },
  expected: Expected | undefined,
): AsyncGenerator<DrillCheck> {
  const [{ migrate }, { verifyEvents }, { takeHeads }, compared] = await Promise.all([
    import('../../store/database/migrate.ts'),
    import('../../store/archives/verify-events.ts'),
    import('../../store/archives/take-heads.ts'),
    import('../../store/backups/compare-copy.ts'),
  ])
  const { applied } = await migrate(copy)
  yield {
    name: 'schema',
    ok: true,
    detail:
      applied.length > 0 ? `${applied.length} migrations applied to the copy` : 'as it is live',
  }
  const { events, problems, gone } = await verifyEvents(copy.owner)
  const [first] = problems
  yield {
    name: 'chains',
    ok: problems.length === 0 && gone === 0,
    detail: first
      ? `${problems.length} problems, first: ${first.stream_id} at ${first.stream_version} ${first.problem}`
      : `${events} events, ${gone > 0 ? `${gone} more are gone` : 'every hash recomputed'}`,
  }
  if (expected) {
    const kept = await compared.compareStreams(expected.heads(), copy.owner)
    yield { name: 'nothing lost', ...said(kept, 'streams of the live server are in the copy') }
  }
  const known = await compared.compareStreams((await takeHeads(copy.owner)).heads, live.owner)
  yield { name: 'nothing foreign', ...said(known, 'streams of the copy are live as well') }
  if (expected) {
    const bodies = compared.bodiesBefore(live.owner, expected.bodiesBefore)
    const there = await compared.compareBodies(bodies, { copy: copy.owner, live: live.owner })
    yield { name: 'contents', ...said(there, 'bodies of the live server are in the copy') }
  }
  const spoilt = await compared.spoiltBodies(copy.owner)
  yield {
    name: 'bodies',
    ok: spoilt.length === 0,
    detail: spoilt.length ? `${spoilt.length} are not what their hash says` : 'hashes recomputed',
  }
  yield* rebuildEach(copy)
}

function said(
  { compared, different, examples }: { compared: number; different: number; examples: string[] },
  what: string,
): Pick<DrillCheck, 'ok' | 'detail'> {
  const ok = different === 0
  const detail = ok ? `${compared} ${what}` : `${different} are not: ${examples.join(', ')}`
  return { ok, detail }
}

/** Builds every read model anew from the events of the copy, and compares it with the one that was restored. */
async function* rebuildEach(copy: Database): AsyncGenerator<DrillCheck> {
  const [{ projections }, { drainProjection }, { rebuildProjection }, { digestRows }, { Refusal }] =
    await Promise.all([
      import('../../projections/registry.ts'),
      import('../../store/projections/projection-step.ts'),
      import('../../store/projections/rebuild-projection.ts'),
      import('../../store/backups/compare-copy.ts'),
      import('../../errors.ts'),
    ])
  for (const projection of projections) {
    const name = `read model ${projection.name}`
    const drained = await drainProjection(copy.projector, projection)
    if (drained.kind !== 'folded') {
      yield { name, ok: false, detail: `it is ${drained.kind} in the copy` }
      continue
    }
    const before = await digestRows(copy.projector, projection.name)
    try {
      await rebuildProjection(copy, projection)
    } catch (error) {
      if (!(error instanceof Refusal) || error.code !== 'EVENTS_ARCHIVED') throw error
      yield { name, ok: true, detail: `not rebuilt: ${error.message}` }
      continue
    }
    const after = await digestRows(copy.projector, projection.name)
    const ok = before.rows === after.rows && before.digest === after.digest
    const detail = ok
      ? `${after.rows} rows, rebuilt alike`
      : `${before.rows} rows, rebuilt from the events ${after.rows} others`
    yield { name, ok, detail }
  }
}
