import type pg from 'pg'
import type { Database } from '../database/database.ts'
import { translateDatabaseError } from '../database/database-error.ts'
import { asTenant } from '../database/tenant.ts'
import { assertNothingArchived } from './event-archives.ts'
import { endOf, eventLine, headerOf } from './event-lines.ts'

export interface ExportOptions {
  /** Only this user's events and bodies. */
  userId?: string
  /** Bodies too, base64. */
  contents: boolean
  now: Date
}

const eventsPerPage = 500
/** Bodies are read a few at a time: one may have megabytes. */
const bodiesPerPage = 4

/**
 * All events up to now as lines of JSON, in their order, and then the bodies; in constant memory. Throws
 * Refusal EVENTS_ARCHIVED while months are missing: such a file could not be verified where it is read.
 */
export async function* exportEvents(
  database: Pick<Database, 'app' | 'projector'>,
  options: ExportOptions,
): AsyncGenerator<string> {
  try {
    await assertNothingArchived(database.projector, 'an export', ['usage', 'all'])
    yield headerOf(options.now)
    let events = 0
    for await (const line of eventLines(database.projector, options.userId ?? null)) {
      events += 1
      yield line
    }
    let contents = 0
    if (options.contents) {
      for await (const line of contentLines(database, options.userId ?? null)) {
        contents += 1
        yield line
      }
    }
    yield endOf(events, contents)
  } catch (error) {
    throw translateDatabaseError(error)
  }
}

async function* eventLines(projector: pg.Pool, userId: string | null): AsyncGenerator<string> {
  const safe = await projector.query<{ safe: number }>('select nova.safe_position() as safe')
  const to = safe.rows[0]?.safe ?? 0
  for (let after = 0; ; ) {
    const { rows } = await projector.query<{ line: string; position: number }>(
      `select ${eventLine} as line, e.global_position as position from nova.events e
       where e.global_position > $1 and e.global_position <= $2 and ($3::text is null or e.user_id = $3)
       order by e.global_position limit $4`,
      [after, to, userId, eventsPerPage],
    )
    for (const { line } of rows) yield line
    const last = rows.at(-1)
    if (!last) return
    after = last.position
  }
}

/** Bodies are read as each user in turn, since only the user may read them. */
async function* contentLines(
  database: Pick<Database, 'app' | 'projector'>,
  userId: string | null,
): AsyncGenerator<string> {
  const users = await database.projector.query<{ user_id: string }>(
    'select distinct user_id from nova.events where $1::text is null or user_id = $1 order by 1',
    [userId],
  )
  for (const { user_id: user } of users.rows) {
    for (let after = ''; ; ) {
      const rows = await asTenant<{ line: string; sha256: string }>(
        database.app,
        user,
        `select c.sha256, json_build_object('content', json_build_object(
           'user_id', c.user_id, 'sha256', c.sha256, 'size', c.size, 'media_type', c.media_type,
           'created_us', (extract(epoch from c.created_at) * 1000000)::bigint,
           'body', translate(encode(c.body, 'base64'), e'\\n', '')))::text as line
         from nova.contents c where c.user_id = $1 and c.sha256 > $2 order by c.sha256 limit $3`,
        [user, after, bodiesPerPage],
      )
      for (const { line } of rows) yield line
      const last = rows.at(-1)
      if (!last) break
      after = last.sha256
    }
  }
}
