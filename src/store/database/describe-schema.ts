import type pg from 'pg'

/**
 * The migrated schema in parts, each a title and the lines under it, read from the catalogs: what pg_dump would say,
 * but in one order, without owners, and without the partitions that come with the calendar.
 */
export async function schemaSections(
  client: Pick<pg.ClientBase, 'query'>,
): Promise<{ title: string; lines: string[] }[]> {
  const parts: { title: string; lines: string[] }[] = []
  for (const [title, sql] of Object.entries(sections)) {
    const { rows } = await client.query<{ line: string }>(sql)
    // Sorted here: what a server's collation makes of an underscore differs.
    parts.push({ title, lines: rows.map(({ line }) => line).toSorted() })
  }
  return parts
}

const monthly = `events_\\d{4}_\\d{2}`
const ours = `n.nspname in ('nova', 'nova_research')`

/** Grants on something with an owner and an ACL, as far as they concern the roles of the service. */
const grants = (kind: string, name: string, acl: string, from: string) => `
  select format('grant %s on ${kind}%s to %s;',
      string_agg(lower(a.privilege_type), ', ' order by a.privilege_type), ${name},
      coalesce(r.rolname, 'public')) as line
    from ${from} cross join lateral aclexplode(${acl}) a
    left join pg_roles r on r.oid = a.grantee
    where a.grantee = 0 or r.rolname in ('nova_app', 'nova_projector', 'nova_keeper', 'nova_analyst', 'nova_reader')
    group by ${name}, r.rolname`

const relations = `(select c.*, n.nspname from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where ${ours} and c.relname !~ '^${monthly}')`

const sections: Readonly<Record<string, string>> = {
  'Roles: neither superuser nor exempt from row-level security': `
    select format('role %s: login %s, superuser %s, bypassrls %s', rolname, rolcanlogin, rolsuper,
        rolbypassrls) as line
      from pg_roles where rolname in ('nova_app', 'nova_projector', 'nova_keeper', 'nova_analyst', 'nova_reader')`,
  Sequences: `
    select format('sequence nova.%I as %s, cache %s', sequencename, data_type, cache_size) as line
      from pg_sequences where schemaname = 'nova'`,
  'Tables and their columns': `
    select format(e'table nova.%s%s%s\\n%s\\n', c.relname,
        coalesce(' partition by ' || pg_get_partkeydef(c.oid), ''),
        coalesce(' with (' || array_to_string(c.reloptions, ', ') || ')', ''),
        string_agg(format('  %s %s%s%s', a.attname, format_type(a.atttypid, a.atttypmod),
          case when a.attnotnull then ' not null' else '' end,
          coalesce(' default ' || pg_get_expr(d.adbin, d.adrelid), '')), e'\\n' order by a.attnum)) as line
      from ${relations} c
      join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
      left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
      where c.relkind in ('r', 'p')
      group by c.oid, c.relname, c.reloptions`,
  // Version 18 lists NOT NULL among the constraints; the columns above show it already.
  Constraints: `
    select format('%s: %s %s', c.relname, k.conname, pg_get_constraintdef(k.oid)) as line
      from pg_constraint k join ${relations} c on c.oid = k.conrelid
      where k.contype <> 'n'`,
  Indexes: `
    select pg_get_indexdef(i.indexrelid) || ';' as line
      from pg_index i join ${relations} c on c.oid = i.indrelid`,
  Triggers: `
    select pg_get_triggerdef(t.oid) || ';' as line
      from pg_trigger t join ${relations} c on c.oid = t.tgrelid where not t.tgisinternal`,
  'Row-level security': `
    select format('%s: enabled %s, forced %s', c.relname, c.relrowsecurity, c.relforcerowsecurity) as line
      from ${relations} c where c.relkind in ('r', 'p')`,
  Policies: `
    select format('%s: %s for %s to %s using (%s)%s', tablename, policyname, lower(cmd),
        array_to_string(roles, ', '), qual, coalesce(' with check (' || with_check || ')', '')) as line
      from pg_policies where schemaname = 'nova'`,
  'Grants on the schema': grants(
    'schema ',
    'n.nspname',
    'n.nspacl',
    `(select * from pg_namespace n where ${ours}) n`,
  ),
  'Grants on tables, views and sequences': grants(
    '',
    `c.nspname || '.' || c.relname`,
    'c.relacl',
    `${relations} c`,
  ),
  'Grants on functions': grants(
    'function ',
    'p.oid::regprocedure::text',
    `coalesce(p.proacl, acldefault('f', p.proowner))`,
    `(select p.* from pg_proc p join pg_namespace n on n.oid = p.pronamespace where ${ours}) p`,
  ),
  Views: `
    select format(e'view %s.%s (%s) as\\n%s\\n', c.nspname, c.relname, array_to_string(c.reloptions, ', '),
        pg_get_viewdef(c.oid)) as line
      from ${relations} c where c.relkind = 'v'`,
  Aggregates: `
    select format('aggregate %s: %s, begins with %s', p.oid::regprocedure, a.aggtransfn::regproc,
        a.agginitval) as line
      from pg_aggregate a join pg_proc p on p.oid = a.aggfnoid
      join pg_namespace n on n.oid = p.pronamespace where ${ours}`,
  Functions: `
    select rtrim(pg_get_functiondef(p.oid)) || e';\\n' as line
      from pg_proc p join pg_namespace n on n.oid = p.pronamespace
      where ${ours} and p.prokind = 'f'`,
}
