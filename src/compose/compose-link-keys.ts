import { randomBytes } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Config, isLoopback } from '../config.ts'
import { Refusal } from '../errors.ts'
import { isErrorCode } from '../store/database/error-code.ts'
import { inDataDir, makeDataDir } from '../store/embedded/data-dir.ts'

/**
 * The keys that sign links, newest first. A loopback server makes one and keeps it beside its data; any
 * other must be given one, because all its processes have to share it. Throws Refusal CONFIG_INVALID or
 * DATA_DIR_UNUSABLE.
 */
export function linkKeys(config: Config): readonly string[] {
  if (config.NOVA_LINK_SECRET) return config.NOVA_LINK_SECRET
  if (!isLoopback(config.SERVER_HOST)) {
    throw new Refusal('CONFIG_INVALID', {
      problem: 'NOVA_LINK_SECRET must be set on a server that listens beyond loopback.',
    })
  }
  makeDataDir(config.NOVA_DATA_DIR)
  return inDataDir(config.NOVA_DATA_DIR, () => [madeOnce(join(config.NOVA_DATA_DIR, 'link-key'))])
}

/** When several processes start at once, one makes the key and the others read it. */
function madeOnce(file: string): string {
  try {
    writeFileSync(file, randomBytes(32).toString('hex'), { flag: 'wx', mode: 0o600 })
  } catch (error) {
    if (!isErrorCode(error, 'EEXIST')) throw error
  }
  return readFileSync(file, 'utf8').trim()
}
