import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { type Config, parseConfig } from '../../config.ts'
import { Refusal } from '../../errors.ts'
import { isErrorCode } from '../../store/database/error-code.ts'

/**
 * The settings of this process: the environment, below it the file `.env` of the current folder, as
 * containers and shells expect, and below that the one of the data folder. Throws CONFIG_INVALID.
 */
export function loadSettings(): Config {
  loadFile('.env')
  const { NOVA_DATA_DIR } = settingsFrom(undefined)
  if (!existsSync(join(NOVA_DATA_DIR, '.env'))) return settingsFrom(undefined)
  loadFile(join(NOVA_DATA_DIR, '.env'))
  return { ...settingsFrom(undefined), NOVA_DATA_DIR }
}

function loadFile(path: string): void {
  try {
    process.loadEnvFile(path)
  } catch (error) {
    // Most machines have none. One that is there and cannot be read is a mistake worth saying.
    if (!isErrorCode(error, 'ENOENT')) {
      throw new Refusal('CONFIG_INVALID', { problem: `${path} cannot be read.` }, { cause: error })
    }
  }
}

/** Settings from exactly these variables; undefined: from the environment. Throws CONFIG_INVALID. */
export function settingsFrom(environment: Record<string, string> | undefined): Config {
  const parsed = parseConfig(environment)
  if (parsed.ok) return parsed.config
  throw new Refusal('CONFIG_INVALID', { problem: parsed.problem })
}
