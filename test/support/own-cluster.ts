import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startEmbeddedPostgres } from '../../src/store/embedded/embedded-postgres.ts'
import { runningPostmaster } from '../../src/store/embedded/embedded-postmaster.ts'
import { until } from './until.ts'

/** A PostgreSQL server of one test's own, to kill and start again. */
export interface OwnCluster extends AsyncDisposable {
  dataDir: string
  /** For child processes: a DATABASE_URL to the server as it runs now. */
  url(): string
  /** Ends the server with -9, as the kernel does when memory runs out. */
  kill(): Promise<void>
  /** Starts the server again, on the same socket. */
  start(): Promise<void>
}

/** Starts a server on a folder of its own, below `parent`. It is removed when disposed of. */
export async function ownCluster(
  settings: Record<string, string> = {},
  parent = tmpdir(),
): Promise<OwnCluster> {
  const dataDir = await mkdtemp(join(parent, 'nova-own-'))
  const start = () => startEmbeddedPostgres({ dataDir, settings })
  let server = await start()
  return {
    dataDir,
    url() {
      const { user, host, port, database } = server.config
      return `postgres://${user}@${encodeURIComponent(host)}:${port}/${database}`
    },
    async kill() {
      process.kill(server.pid, 'SIGKILL')
      await until(
        () => !runningPostmaster(join(dataDir, 'postgres')),
        'the killed server to be gone',
      )
    },
    async start() {
      const crashed = server
      server = await start()
      await crashed.stop()
    },
    async [Symbol.asyncDispose]() {
      await server.stop()
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}
