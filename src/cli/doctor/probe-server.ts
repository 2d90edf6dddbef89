import { type Config, listenPort } from '../../config.ts'
import type { Finding } from './gains.ts'

/** Whether a Nova server answers where the settings say; that none does is no fault. */
export async function probeServer(config: Config): Promise<Finding> {
  const url = config.SERVER_URL ?? `http://${config.SERVER_HOST}:${listenPort(config)}`
  try {
    const response = await fetch(new URL('/readyz', url), { signal: AbortSignal.timeout(2000) })
    await response.body?.cancel()
    if (response.ok) return { state: 'ok', name: 'server', detail: `ready at ${url}` }
    return {
      state: 'note',
      name: 'server',
      detail: `something at ${url} answers ${response.status}, not ready`,
    }
  } catch {
    return { state: 'missing', name: 'server', detail: `none at ${url}; nova serve starts it` }
  }
}
