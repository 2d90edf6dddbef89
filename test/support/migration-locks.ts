import { parse } from 'libpg-query'

/** What is wrong with one statement of a migration for servers that run meanwhile. */
export interface LockProblem {
  statement: string
  problem: string
}

type Tree = { [key: string]: unknown }

/**
 * Statements that keep a busy table locked for as long as it is large, or take away what servers of before read.
 * A table that the migration creates itself is nobody's yet. `-- locks: why it is short` above a statement
 * says that somebody has thought about it. Throws what the parser of PostgreSQL says.
 */
export async function lockProblems(sql: string): Promise<LockProblem[]> {
  const { stmts = [] } = (await parse(sql)) as { stmts?: RawStatement[] }
  const bytes = Buffer.from(sql)
  const created = new Set<string>()
  const problems: LockProblem[] = []
  // The parser leaves out the comment above a statement: it is between here and the one before.
  let from = 0
  for (const { stmt, stmt_location: at = 0, stmt_len: length } of stmts) {
    const to = length === undefined ? bytes.length : at + length
    const text = bytes.subarray(from, to).toString()
    from = to + 1
    const [[kind, node] = ['', {}]] = Object.entries(stmt) as [string, Tree][]
    if (kind === 'CreateStmt' || kind === 'CreateTableAsStmt') created.add(tableOf(node))
    if (/^\s*-- locks: \S/m.test(text)) continue
    const isOurs = created.has(tableOf(node))
    const found = isOurs ? [] : (rules[kind]?.(node, text) ?? [])
    for (const problem of found) problems.push({ statement: text.trim(), problem })
  }
  return problems
}

interface RawStatement {
  stmt: Tree
  stmt_location?: number
  stmt_len?: number
}

const rules: Readonly<Record<string, (node: Tree, text: string) => string[]>> = {
  IndexStmt: () => ['an index on a table that is there stops its writers until it is built'],
  AlterTableStmt: (node) =>
    ((node.cmds ?? []) as { AlterTableCmd: Tree }[]).flatMap(({ AlterTableCmd: command }) =>
      alterProblem(command),
    ),
  RenameStmt: () => ['servers of before ask for the old name'],
  DropStmt: (node) =>
    node.removeType === 'OBJECT_TABLE' || node.removeType === 'OBJECT_FUNCTION'
      ? ['servers of before still use it; drop it in the release after']
      : [],
  TruncateStmt: () => ['it takes the rows away from servers that run'],
  LockStmt: () => ['it waits for all others and stops them meanwhile'],
  ClusterStmt: () => ['it rewrites the table'],
  ReindexStmt: () => ['it stops writers until the index is built'],
  VacuumStmt: () => ['it cannot run in the transaction of the migrations'],
  UpdateStmt: (node) => (node.whereClause ? [] : ['it locks and rewrites every row']),
  DeleteStmt: (node) => (node.whereClause ? [] : ['it locks every row']),
  DoStmt: (_node, text) =>
    /\b(alter\s+table|create\s+(unique\s+)?index|update|delete\s+from|lock\s+table)\b/i.test(text)
      ? ['a block is not looked into: say what it locks']
      : [],
}

function alterProblem(command: Tree): string[] {
  const constraint = (command.def as { Constraint?: Tree } | undefined)?.Constraint
  switch (command.subtype) {
    case 'AT_AlterColumnType':
      return ['a changed type rewrites the table']
    case 'AT_SetNotNull':
      return [
        'not null reads the whole table under an exclusive lock; add a checked constraint first',
      ]
    case 'AT_DropColumn':
      return ['servers of before still read the column; drop it in the release after']
    case 'AT_AddConstraint':
      return constraint?.skip_validation
        ? []
        : ['a constraint reads the whole table under a lock; add it not valid, validate it later']
    case 'AT_AddColumn':
      return addColumnProblem(command.def as { ColumnDef: { constraints?: Tree[] } })
    default:
      return []
  }
}

/** A constant default is stored once; what has to be computed rewrites every row. */
function addColumnProblem({
  ColumnDef: column,
}: {
  ColumnDef: { constraints?: Tree[] }
}): string[] {
  const constraints = (column.constraints ?? []).map((one) => one.Constraint as Tree)
  const value = constraints.find((one) => one.contype === 'CONSTR_DEFAULT')
  const isConstant = value === undefined || !JSON.stringify(value).includes('"FuncCall"')
  const isIndexed = constraints.some((one) =>
    ['CONSTR_UNIQUE', 'CONSTR_PRIMARY', 'CONSTR_GENERATED', 'CONSTR_IDENTITY'].includes(
      String(one.contype),
    ),
  )
  const isRequired = constraints.some((one) => one.contype === 'CONSTR_NOTNULL')
  return [
    ...(isConstant ? [] : ['a computed default rewrites the table']),
    ...(isIndexed ? ['such a column rewrites the table or builds an index'] : []),
    ...(isRequired && value === undefined
      ? ['servers of before insert rows without the column; give it a default']
      : []),
  ]
}

/** `nova.streams`, for whatever statement names one table. */
function tableOf(node: Tree): string {
  const relation = (node.relation ?? (node.into as Tree | undefined)?.rel) as Tree | undefined
  return relation ? `${String(relation.schemaname ?? 'public')}.${String(relation.relname)}` : ''
}
