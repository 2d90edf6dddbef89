import pg from 'pg'

/** How many statements of this database wait for a lock: what a test that holds one waits for. */
export async function waitingStatements(owner: pg.Pool): Promise<number> {
  const { rows } = await owner.query<{ waiting: number }>(
    `select count(*) as waiting from pg_stat_activity
     where datname = current_database() and wait_event_type = 'Lock'`,
  )
  return rows[0]?.waiting ?? 0
}

/** A gate before which statements meet. A test that fails opens it as well, so that nothing waits for ever. */
export interface Gate extends AsyncDisposable {
  open(): Promise<void>
}

/** Holds what the statement takes until the gate is opened, on a connection that no pool is short of. */
export async function holdLock(url: string, statement: string): Promise<Gate> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  await client.query(`begin; ${statement}`)
  let isClosed = true
  const open = async () => {
    if (!isClosed) return
    isClosed = false
    await client.query('commit')
    await client.end()
  }
  return { open, [Symbol.asyncDispose]: open }
}
