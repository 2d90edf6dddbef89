import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { isErrorCode } from '../database/error-code.ts'
import { processStart } from './process-start.ts'

/**
 * Runs `work` while no other process does so under the same lock file. The file names its owner, so a
 * killed owner blocks nobody. Throws `busy` when a live owner keeps it past the deadline.
 */
export async function withFileLock<T>(
  file: string,
  deadline: number,
  work: () => Promise<T>,
  busy = () => new Error(`another process keeps ${file}`),
): Promise<T> {
  const mine = `${process.pid} ${processStart(process.pid)} ${crypto.randomUUID()}`
  while (!tryLock(file, mine)) {
    if (Date.now() > deadline) throw busy()
    await delay(20)
  }
  try {
    return await work()
  } finally {
    if (read(file) === mine) rmSync(file, { force: true })
  }
}

function tryLock(file: string, mine: string): boolean {
  // Written aside and linked into place, so that nobody ever reads a lock without its owner.
  const draft = `${file}.${process.pid}.draft`
  writeFileSync(draft, mine)
  try {
    linkSync(draft, file)
    return true
  } catch (error) {
    if (!isErrorCode(error, 'EEXIST')) throw error
    const owner = read(file)
    if (owner !== undefined && !isAlive(owner)) removeStale(file, owner)
    return false
  } finally {
    rmSync(draft, { force: true })
  }
}

function isAlive(owner: string): boolean {
  const [pid, start] = owner.split(' ')
  return processStart(Number(pid)) === start
}

function removeStale(file: string, owner: string): void {
  const aside = `${file}.${process.pid}.stale`
  try {
    renameSync(file, aside)
    // Another process may have removed the stale lock first and taken its own: give that one back.
    if (read(aside) !== owner) linkSync(aside, file)
  } catch (error) {
    if (!isErrorCode(error, 'ENOENT', 'EEXIST')) throw error
  } finally {
    rmSync(aside, { force: true })
  }
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    if (isErrorCode(error, 'ENOENT')) return undefined
    throw error
  }
}
