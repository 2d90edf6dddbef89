import { once } from 'node:events'
import { startEmbeddedPostgres } from '../../../src/store/embedded/embedded-postgres.ts'

// Holds a share in the server of a folder until its input ends, or until it is killed.
const [, , dataDir = '', umask, temporary] = process.argv
if (umask) process.umask(Number.parseInt(umask, 8))
if (temporary) process.env.TMPDIR = temporary
const server = await startEmbeddedPostgres({ dataDir, settings: { fsync: 'off' } })
console.log(JSON.stringify({ pid: server.pid, how: server.how, config: server.config }))
process.stdin.resume()
await once(process.stdin, 'end')
await server.stop()
