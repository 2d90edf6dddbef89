import type { Nova, Role } from '../../compose/compose.ts'
import type { Config } from '../../config.ts'
import { Stopped } from '../command.ts'
import { createLog } from './create-log.ts'

/** Builds the server for a command. Throws Refusal, or Stopped when a signal came before it was built. */
export async function composeUnlessStopped(
  config: Config,
  stopping: AbortSignal,
  role: Role = 'all',
): Promise<Nova> {
  const { compose } = await import('../../compose/compose.ts')
  try {
    return await compose(config, { log: createLog(config.LOG_LEVEL), role, stopping })
  } catch (error) {
    if (stopping.aborted && error === stopping.reason) throw new Stopped()
    throw error
  }
}
