import type pg from 'pg'
import { asKeeper } from '../archives/as-keeper.ts'
import type { StreamHead } from '../archives/heads-file.ts'
import { readAll } from '../archives/read-all.ts'

/** What one database holds and another should. */
export interface Difference {
  compared: number
  /** Names of what is not there or is another, at most ten; `different` counts all of them. */
  examples: string[]
  different: number
}

const perStatement = 1000

/**
 * Holds the end of every stream, as `heads` gives it, against what the other database has at that version.
 * With whole chains on both sides, equal ends mean equal streams.
 */
export async function compareStreams(
  heads: AsyncIterable<StreamHead>,
  other: pg.Pool,
): Promise<Difference> {
  return compareInParts(heads, (part) =>
    namesOf(
      other,
      `select h.stream_id as name
       from unnest($1::text[], $2::text[], $3::int[], $4::text[]) as h (user_id, stream_id, version, hash)
       left join nova.events e on e.user_id = h.user_id and e.stream_id = h.stream_id
         and e.stream_version = h.version
       left join nova.archived_streams a on a.user_id = h.user_id and a.stream_id = h.stream_id
         and a.through_version = h.version
       where coalesce(e.hash, a.last_hash) is distinct from decode(h.hash, 'hex') and not exists (
         select from nova.archived_streams x where x.user_id = h.user_id and x.stream_id = h.stream_id
           and x.through_version > h.version)`,
      [
        part.map(({ user_id }) => user_id),
        part.map(({ stream_id }) => stream_id),
        part.map(({ version }) => version),
        part.map(({ hash }) => hash),
      ],
    ),
  )
}

/** A body, by its owner and hash. */
export interface BodyKey {
  user_id: string
  sha256: string
}

/** All bodies that were stored before a moment of this database's clock. */
export const bodiesBefore = (owner: pg.Pool, before: Date): AsyncGenerator<BodyKey> =>
  readAll<BodyKey>(
    owner,
    'select user_id, sha256 from nova.contents where created_at < $1 order by user_id, sha256',
    [before],
    { asKeeper: true },
  )

/** Which of the bodies the copy lacks, although the live database has them still. */
export async function compareBodies(
  bodies: AsyncIterable<BodyKey>,
  { copy, live }: { copy: pg.Pool; live: pg.Pool },
): Promise<Difference> {
  const keys = 'unnest($1::text[], $2::text[]) as k (user_id, sha256)'
  return compareInParts(bodies, async (part) => {
    const values = [part.map(({ user_id }) => user_id), part.map(({ sha256 }) => sha256)]
    const lacking = await namesOf(
      copy,
      `select k.sha256 as name from ${keys} where not exists (
         select from nova.contents c where c.user_id = k.user_id and c.sha256 = k.sha256)`,
      values,
    )
    if (lacking.length === 0) return []
    const there = await namesOf(
      live,
      `select c.sha256 as name from nova.contents c join ${keys} using (user_id, sha256)`,
      values,
    )
    return lacking.filter((name) => there.includes(name))
  })
}

/** Bodies whose bytes are not what their hash says. */
export async function spoiltBodies(owner: pg.Pool): Promise<string[]> {
  return namesOf(
    owner,
    `select sha256 as name from nova.contents where sha256 <> encode(sha256(body), 'hex')`,
    [],
  )
}

/** A read model's rows in one number, in whatever order they lie. */
export async function digestRows(
  projector: pg.Pool,
  name: string,
): Promise<{ rows: number; digest: string }> {
  const { rows } = await projector.query<{ rows: number; digest: string }>(
    `select count(*) as rows, coalesce(sum(hashtextextended(to_jsonb(t)::text, 0)), 0)::text as digest
     from nova.${name} t`,
  )
  return rows[0] ?? { rows: 0, digest: '' }
}

async function compareInParts<Item>(
  items: AsyncIterable<Item>,
  differing: (part: Item[]) => Promise<string[]>,
): Promise<Difference> {
  const found: Difference = { compared: 0, examples: [], different: 0 }
  let part: Item[] = []
  const compare = async () => {
    if (part.length === 0) return
    const names = await differing(part)
    found.compared += part.length
    found.different += names.length
    found.examples.push(...names.slice(0, 10 - found.examples.length))
    part = []
  }
  for await (const item of items) {
    part.push(item)
    if (part.length >= perStatement) await compare()
  }
  await compare()
  return found
}

/** What one column of a query gives, over all users. */
async function namesOf(owner: pg.Pool, text: string, values: unknown[]): Promise<string[]> {
  const { rows } = await asKeeper(owner, async (client) => {
    await client.query('set local statement_timeout = 0')
    return client.query<{ name: string }>(text, values)
  })
  return rows.map(({ name }) => name)
}
