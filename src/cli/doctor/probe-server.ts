import { type Config, listenPort } from '../../config.ts'
import { oneLine } from '../terminal/terminal.ts'
import type { Finding } from './gains.ts'

interface Readiness {
  checks: { ok: boolean; detail: string }[]
}

function ready(url: string, { checks = [] }: Partial<Readiness>): Finding {
  if (checks.every(({ ok }) => ok)) {
    return { state: 'ok', name: 'server', detail: `ready at ${url}` }
  }
  const problems = checks.flatMap(({ ok, detail }) => (ok ? [] : oneLine(detail, 300)))
  return { state: 'note', name: 'server', detail: `ready at ${url}, but ${problems.join('; ')}` }
}

/** Whether a Nova server answers where the settings say; that none does is no fault. */
export async function probeServer(config: Config): Promise<Finding> {
  const url = config.SERVER_URL ?? `http://${config.SERVER_HOST}:${listenPort(config)}`
  try {
    const response = await fetch(new URL('/readyz', url), { signal: AbortSignal.timeout(8000) })
    if (response.ok) return ready(url, (await response.json()) as Partial<Readiness>)
    await response.body?.cancel()
    return {
      state: 'note',
      name: 'server',
      detail: `something at ${url} answers ${response.status}, not ready`,
    }
  } catch {
    return { state: 'missing', name: 'server', detail: `none at ${url}; nova serve starts it` }
  }
}
