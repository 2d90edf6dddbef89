import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { prepareTestServer, stopTestServer } from './database.ts'
import { folderNames } from './folder-environment.ts'

/**
 * Before the first test of `npm test`: fresh folders for this run and one PostgreSQL server in them, so that
 * nothing that is on this machine can help or disturb, and nothing is left behind.
 */
export async function globalSetup(): Promise<void> {
  // Short, because the path of a socket has 103 bytes at most.
  const folder = mkdtempSync(join(tmpdir(), 'nova-'))
  // Servers that do not run as root have to reach their data.
  chmodSync(folder, 0o711)
  process.once('exit', () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }))
  for (const [variable, name] of Object.entries(folderNames)) {
    const path = join(folder, name)
    mkdirSync(path)
    process.env[variable] = path
  }
  await prepareTestServer()
}

/** After the last test: stops the server; the folders go with the process. */
export async function globalTeardown(): Promise<void> {
  await stopTestServer()
}
