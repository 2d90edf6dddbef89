import type { ArchivePart } from '../store/archives/event-archives.ts'
import type { Projection } from '../store/projections/projection-step.ts'

interface PatchSpec {
  name: string
  leavesWith?: readonly ArchivePart[]
  /** Columns of the primary key, all selected by every patch. */
  key: readonly string[]
  columns: readonly string[]
  /** Values of a row's columns before the first patch. */
  defaults: Readonly<Record<string, unknown>>
  /** The rows belong to articles (column article_id): those of an erased one vanish. */
  ofArticles?: true
  /**
   * Per event type a SELECT of the key columns, `position` and `patch` (jsonb of columns) from `batch`,
   * which is `nova.events` between the two positions.
   */
  on: Readonly<Record<string, string>>
}

/**
 * A projection whose rows are patches merged in order: the latest value of a column wins. The patches of
 * a batch are merged first and written once, so a batch costs one upsert per row and not per event.
 */
export function definePatchProjection(spec: PatchSpec): Projection {
  const key = spec.key.join(', ')
  const joined = spec.key.map((column) => `t.${column} = merged.${column}`).join(' and ')
  const assignments = spec.columns.map((column) => `${column} = excluded.${column}`).join(', ')
  const keyObject = spec.key.map((column) => `'${column}', merged.${column}`).join(', ')
  const foldedTypes = Object.keys(spec.on)
  const types = foldedTypes.map((type) => `'${type}'`).join(', ')
  const patches = Object.values(spec.on).join('\nunion all\n')
  const sweep = spec.ofArticles ? erasedRows : () => ''
  const leavesWith = spec.leavesWith ?? (spec.ofArticles && (['all'] as const))
  const defaults = JSON.stringify(spec.defaults).replaceAll("'", "''")
  return {
    name: spec.name,
    types: spec.ofArticles ? [...foldedTypes, 'ArticleErased'] : foldedTypes,
    ...(leavesWith && { leavesWith }),
    fold: (table) => `
with batch as materialized (
  select * from nova.events e
  where global_position > $1 and global_position <= $2 and type in (${types})
    ${spec.ofArticles ? notErased : ''}
)${sweep(table)}, patches as (
${patches}
), merged as (
  select ${key}, nova.merge_patches(patch order by position) as patch from patches group by ${key}
)
insert into ${table}
select r.* from merged
left join ${table} t on ${joined}
cross join lateral jsonb_populate_record(
  null::${table},
  coalesce(to_jsonb(t), '${defaults}'::jsonb) || merged.patch || jsonb_build_object(${keyObject})
) r
on conflict (${key}) do update set ${assignments}`,
  }
}

/** The article id in an article's stream id. */
export const articleOfStream = 'substr(stream_id, 9)::uuid as article_id'

// A reader that sees ArticleErased sees the data erased too, so its events fold to nothing at any time: live, in
// batches of any size and rebuilt, no row is made of erased data.
const notErased = `and not exists (
      select from nova.events x
      where x.type = 'ArticleErased' and x.user_id = e.user_id and x.stream_id = e.stream_id)`

const erasedRows = (table: string): string => `, swept as (
  delete from ${table} t using nova.events x
  where x.global_position > $1 and x.global_position <= $2 and x.type = 'ArticleErased'
    and t.user_id = x.user_id and t.article_id = substr(x.stream_id, 9)::uuid
)`
