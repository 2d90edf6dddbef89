import type { Config } from '../../config.ts'
import { createLog } from '../setup/create-log.ts'

export interface LocalServer extends AsyncDisposable {
  mcpUrl: string
  database: string
}

/**
 * A whole server in this process, on a free port of loopback, for one command. Who started it owns the
 * database already, so it asks for no sign-in.
 */
export async function startLocalServer(config: Config): Promise<LocalServer> {
  const { compose } = await import('../../compose/compose.ts')
  const nova = await compose(
    {
      ...config,
      SERVER_HOST: '127.0.0.1',
      PORT: 0,
      SERVER_URL: undefined,
      NOVA_AUTH_ISSUER: undefined,
      DESCOPE_PROJECT_ID: undefined,
      NOVA_ACCESS_TOKEN: undefined,
    },
    { log: createLog(config.LOG_LEVEL === 'info' ? 'error' : config.LOG_LEVEL), role: 'all' },
  )
  try {
    const { mcpUrl } = await nova.listen()
    return {
      mcpUrl,
      database: nova.database.describe,
      [Symbol.asyncDispose]: () => nova.close(),
    }
  } catch (error) {
    await nova.close()
    throw error
  }
}
