import { randomUUID } from 'node:crypto'
import { admitToolCall } from '../../src/commands/usage/tool-calls.ts'
import { composeStores } from '../../src/compose/compose-stores.ts'
import type { NewEvent } from '../../src/events/define-event.ts'
import { ToolCalled, usageMonth, usageStream } from '../../src/events/usage/usage-events.ts'
import { usageProjection } from '../../src/projections/usage/usage.ts'
import { drainProjection } from '../../src/store/projections/projection-step.ts'
import { appendTo } from '../../test/support/append-to.ts'
import { limits } from '../../test/support/limits.ts'
import { metadata } from './event.ts'
import { type Line, lineOf, roundRobin } from './measure.ts'
import type { BenchServer } from './server.ts'

const callsInMonth = [100, 10_000, 100_000]
const tool = 'list_articles'

/** Admission of one call when the month has so many, beside the count-then-insert that can overrun. */
export async function* admission(server: BenchServer): AsyncGenerator<Line> {
  for (const calls of callsInMonth) {
    await using made = await server.createNova(`admission_${calls}`, 16)
    const { app, owner, projector } = made.database
    const deps = composeStores(made.database)
    const caller = { userId: 'user-1', metadata }
    const stream = { userId: 'user-1', streamId: usageStream('user-1', usageMonth(new Date())) }
    for (let n = 0; n < calls; n += 100) {
      await appendTo(deps.store, stream, hundredCalls(), { expectedVersion: 'any', metadata })
    }
    await drainProjection(projector, usageProjection)
    await owner.query(
      `create table public.calls (user_id text, month text, called_at timestamptz default now());
       create index on public.calls (user_id, month);
       insert into public.calls select 'user-1', '2026-05', now() from generate_series(1, ${calls});
       grant select, insert on public.calls to nova_app`,
    )
    await owner.query('vacuum analyze public.calls')
    const name = `${calls} calls in the month`
    const measured = await roundRobin(
      [
        {
          name: 'nova',
          size: 1,
          lane: () => () =>
            admitToolCall(deps, caller, {
              callId: randomUUID(),
              tool,
              articleId: null,
              defaults: limits({ callsPerMonth: 10_000_000 }),
            }),
        },
        {
          name: 'count then insert',
          size: 1,
          lane: () => async () => {
            await app.query({
              name: 'count',
              text: 'select count(*) from public.calls where user_id = $1 and month = $2',
              values: ['user-1', '2026-05'],
            })
            await app.query({
              name: 'insert',
              text: 'insert into public.calls (user_id, month) values ($1, $2)',
              values: ['user-1', '2026-05'],
            })
          },
        },
      ],
      { lanes: 1, sliceMs: 500 },
    )
    const naive = measured.get('count then insert')
    const ours = measured.get('nova')
    const bench = `admission, ${name}`
    if (naive) yield lineOf(bench, 'count then insert', 'calls/s', naive)
    if (ours && naive) {
      const against = { name: 'count then insert', perSecond: naive.perSecond }
      yield lineOf(bench, 'nova', 'calls/s', ours, against)
    }
  }
}

const hundredCalls = (): NewEvent[] =>
  Array.from({ length: 100 }, () =>
    ToolCalled({
      call_id: randomUUID(),
      tool,
      article_id: null,
      weight: 1,
      called_at: '2026-05-01T12:00:00.000Z',
    }),
  )
