import { type Config, parseConfig } from '../config.ts'
import { Refusal } from '../errors.ts'

/**
 * The settings of this process: the environment, and below it the file `.env` of the current folder, as
 * containers and shells expect. Throws CONFIG_INVALID.
 */
export function loadSettings(): Config {
  try {
    process.loadEnvFile('.env')
  } catch (error) {
    // Most machines have none. One that is there and cannot be read is a mistake worth saying.
    if ((error as { code?: string }).code !== 'ENOENT') {
      throw new Refusal('CONFIG_INVALID', { problem: '.env cannot be read.' }, { cause: error })
    }
  }
  return settingsFrom(undefined)
}

/** Settings from exactly these variables; undefined: from the environment. Throws CONFIG_INVALID. */
export function settingsFrom(environment: Record<string, string> | undefined): Config {
  const parsed = parseConfig(environment)
  if (parsed.ok) return parsed.config
  throw new Refusal('CONFIG_INVALID', { problem: parsed.problem })
}
