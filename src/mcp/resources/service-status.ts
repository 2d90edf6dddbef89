import { z } from 'zod'
import packageJson from '../../../package.json' with { type: 'json' }
import type { McpDeps } from '../protocol/tool-context.ts'

export const serviceStatusSchema = () =>
  z.object({
    ok: z.boolean(),
    version: z.string(),
    model: z.string().nullable(),
    search: z.string().nullable(),
    checks: z.array(z.object({ name: z.string(), ok: z.boolean() })),
  })

/** How the service is, for anyone who may use it: names and yes or no, no setting and no address. */
export async function serviceStatus(
  deps: McpDeps,
): Promise<z.infer<ReturnType<typeof serviceStatusSchema>>> {
  const { ok, checks } = await deps.ready()
  return {
    ok,
    version: packageJson.version,
    model: deps.model?.name ?? null,
    search: deps.search?.name ?? null,
    checks: checks.map((check) => ({ name: check.name, ok: check.ok })),
  }
}
