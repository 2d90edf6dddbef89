import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  watch,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import pg from 'pg'
import { Refusal } from '../../../src/errors.ts'
import { restoreSymlinks } from '../../../src/store/embedded/embedded-binaries.ts'
import {
  type EmbeddedPostgres,
  startEmbeddedPostgres,
} from '../../../src/store/embedded/embedded-postgres.ts'
import { processStart } from '../../../src/store/embedded/process-start.ts'
import { startChild } from '../../support/child-process.ts'
import { until } from '../../support/until.ts'

type Held = Pick<EmbeddedPostgres, 'pid' | 'how' | 'config'>

const program = new URL('./hold-embedded-postgres.ts', import.meta.url)
const settings = { fsync: 'off' }
const isGone = (pid: number) => processStart(pid) === undefined

describe('embedded PostgreSQL', { concurrency: 2 }, () => {
  it('is one server for all processes that start at once, until the last of them is gone', async () => {
    using folder = temporaryFolder()
    const children = Array.from({ length: 5 }, () => startChild(program, folder.path))
    const held = await Promise.all(children.map((child) => child.answer<Held>()))
    const [first] = held
    assert.ok(first)
    assert.equal(new Set(held.map(({ pid }) => pid)).size, 1)
    assert.equal(held.filter(({ how }) => how.startsWith('started')).length, 1)

    const last = children[held.findLastIndex(({ how }) => how.startsWith('joined'))]
    for (const child of children) if (child !== last) await child.kill()
    assert.deepEqual(await ask(first.config, 'select 1 as one'), [{ one: 1 }])

    assert.equal(await last?.finish(), 0)
    assert.ok(isGone(first.pid))
  })

  it('leaves nothing behind when its only user is killed, in a temporary folder of that user either', async () => {
    using folder = temporaryFolder()
    const child = startChild(program, folder.path, '022', folder.path)
    const { pid, config } = await child.answer<Held>()
    await child.kill()
    await until(() => isGone(pid), 'the postmaster to be gone')
    await until(
      () => processesNaming(folder.path).length === 0,
      'every process of the server to be gone',
    )
    assert.ok(!existsSync(config.host), 'the socket folder is removed')
  })

  it('serves whoever joins in the moment in which the last user is killed', async () => {
    using folder = temporaryFolder()
    let child = startChild(program, folder.path)
    await child.answer<Held>()
    for (let round = 0; round < 6; round++) {
      const successor = startChild(program, folder.path)
      const held = successor.answer<Held>()
      // Between the first and the last thing that a start does.
      if (round % 2) await Promise.race([held, lockTaken(folder.path)])
      await child.kill()
      const { config } = await held
      assert.deepEqual(await ask(config, 'select 1 as one'), [{ one: 1 }])
      child = successor
    }
    await child.finish()
  })

  it('keeps its data over a stop and over a crash of the server', async () => {
    using folder = temporaryFolder()
    const first = await startEmbeddedPostgres({ dataDir: folder.path, settings })
    await ask(first.config, 'create table kept as select 1 as n')
    await first.stop()
    assert.ok(isGone(first.pid))

    const second = await startEmbeddedPostgres({ dataDir: folder.path })
    await ask(second.config, 'insert into kept values (2)')
    process.kill(second.pid, 'SIGKILL')
    await until(() => isGone(second.pid), 'the second postmaster to be gone')

    const third = await startEmbeddedPostgres({ dataDir: folder.path, settings })
    await second.stop()
    assert.deepEqual(await ask(third.config, 'select n from kept order by n'), [{ n: 1 }, { n: 2 }])
    await third.stop()
    assert.ok(isGone(third.pid))
  })

  it('is joined by a second start and outlives the first', async () => {
    using folder = temporaryFolder()
    const first = await startEmbeddedPostgres({ dataDir: folder.path, settings })
    const second = await startEmbeddedPostgres({ dataDir: folder.path, settings })
    assert.equal(second.pid, first.pid)
    await first.stop()
    await first.stop()
    assert.deepEqual(await ask(second.config, 'show synchronous_commit'), [
      { synchronous_commit: 'on' },
    ])
    await second.stop()
    assert.ok(isGone(first.pid))
  })

  it('starts although the pid in a stale pid file belongs to a live process of the same user', async () => {
    using folder = temporaryFolder()
    const server = await startEmbeddedPostgres({ dataDir: folder.path, settings })
    await server.stop()
    const data = join(folder.path, 'postgres')
    const { uid, gid } = statSync(data)
    const bystander = spawn('sleep', ['1000'], process.getuid?.() === 0 ? { uid, gid } : {})
    try {
      writeFileSync(
        join(data, 'postmaster.pid'),
        `${bystander.pid}\n${data}\n1700000000\n5432\n/tmp\n\n0 0\nready\n`,
      )
      const again = await startEmbeddedPostgres({ dataDir: folder.path, settings })
      assert.deepEqual(await ask(again.config, 'select 1 as one'), [{ one: 1 }])
      await again.stop()
      assert.ok(!isGone(bystander.pid ?? 0))
    } finally {
      bystander.kill()
    }
  })

  it('survives the loss of its guard and still stops with the last user', async () => {
    using folder = temporaryFolder()
    const first = await startEmbeddedPostgres({ dataDir: folder.path, settings })
    const [guard] = processesNaming('nova-guard', join(folder.path, 'postgres'))
    assert.ok(guard)
    process.kill(guard, 'SIGKILL')
    await until(
      () => processesNaming('nova-guard', join(folder.path, 'postgres')).length === 0,
      'the guard to be gone',
    )
    const child = startChild(program, folder.path)
    assert.equal((await child.answer<Held>()).pid, first.pid)
    await first.stop()
    assert.ok(!isGone(first.pid))
    await child.kill()
    await until(() => isGone(first.pid), 'the first postmaster to be gone')
  })

  it('starts after a start that was killed half way', async () => {
    using folder = temporaryFolder()
    const child = startChild(program, folder.path)
    await until(
      () => readdirSync(folder.path).some((name) => name.includes('.init-')),
      'the folder of a cluster in the making',
    )
    await child.kill()
    const server = await startEmbeddedPostgres({ dataDir: folder.path, settings })
    assert.deepEqual(await ask(server.config, 'select 1 as one'), [{ one: 1 }])
    await server.stop()
    // The killed start's initdb may have gone on beside; the next start clears up after it.
    await until(
      () => processesNaming(`${folder.path}/postgres.init-`).length === 0,
      'the making of the cluster to end',
    )
    await (await startEmbeddedPostgres({ dataDir: folder.path, settings })).stop()
    assert.deepEqual(readdirSync(folder.path).toSorted(), ['postgres', 'postgres.log'])
  })

  it('starts below a folder that only its owner may enter, under a strict umask', async () => {
    using folder = temporaryFolder()
    const inner = join(folder.path, 'private')
    mkdirSync(inner, { mode: 0o700 })
    const child = startChild(program, join(inner, 'data'), '077')
    const { config } = await child.answer<Held>()
    assert.deepEqual(await ask(config, 'select 1 as one'), [{ one: 1 }])
    assert.equal(statSync(config.host).mode & 0o777, 0o700)
    assert.equal(await child.finish(), 0)
  })

  it('says what is wrong when it cannot start', async () => {
    using folder = temporaryFolder()
    writeFileSync(join(folder.path, 'file'), '')
    await assert.rejects(
      startEmbeddedPostgres({ dataDir: join(folder.path, 'file') }),
      isStartFailure(/file/),
    )
    await assert.rejects(
      startEmbeddedPostgres({ dataDir: folder.path, settings: { shared_buffers: 'plenty' } }),
      isStartFailure(/shared_buffers/),
    )
    await until(
      () => processesNaming(join(folder.path, 'postgres')).length === 0,
      'every process of the server to be gone',
    )
  })

  it('restores the library links that an install without scripts leaves out', () => {
    using folder = temporaryFolder()
    const native = join(folder.path, 'native')
    mkdirSync(join(native, 'lib'), { recursive: true })
    writeFileSync(join(native, 'lib', 'libx.so.1.2'), 'x')
    writeFileSync(
      join(native, 'pg-symlinks.json'),
      JSON.stringify([{ source: 'native/lib/libx.so.1.2', target: 'native/lib/libx.so.1' }]),
    )
    restoreSymlinks(native)
    restoreSymlinks(native)
    assert.equal(readlinkSync(join(native, 'lib', 'libx.so.1')), 'libx.so.1.2')
  })
})

function temporaryFolder() {
  const path = mkdtempSync(join(tmpdir(), 'nova-embedded-'))
  // As a folder in a checkout would be, so that root can drop to another user.
  chmodSync(path, 0o755)
  return {
    path,
    [Symbol.dispose]() {
      rmSync(path, { recursive: true, force: true })
    },
  }
}

/** Resolves when a start takes its lock, which it holds for some milliseconds only. */
async function lockTaken(folder: string): Promise<void> {
  const watcher = watch(folder)
  await once(watcher, 'change')
  watcher.close()
}

async function ask(config: EmbeddedPostgres['config'], text: string): Promise<unknown[]> {
  const client = new pg.Client(config)
  await client.connect()
  try {
    return (await client.query(text)).rows
  } finally {
    const ended = once(client, 'end')
    await client.end()
    await ended
  }
}

function isStartFailure(problem: RegExp) {
  return (error: unknown) =>
    error instanceof Refusal &&
    error.code === 'EMBEDDED_DATABASE_FAILED' &&
    problem.test(error.message)
}

/** Pids of all processes whose command line holds each of the words. */
function processesNaming(...words: string[]): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((pid) => {
      const command = readCommand(pid)
      return words.every((word) => command.includes(word))
    })
    .map(Number)
}

function readCommand(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8')
  } catch {
    return ''
  }
}
