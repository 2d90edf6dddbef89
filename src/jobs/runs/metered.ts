import type { CommandDeps } from '../../commands/handle.ts'
import { recordServiceUse } from '../../commands/usage/record-service-use.ts'
import type { Log } from '../../log.ts'
import type { Prices } from '../../research/models/prices.ts'
import { measureServiceUse } from '../../research/service-use.ts'
import type { WorkItem } from './run-operation.ts'

/** Records after each item what services did for it. The item stands also when that cannot be written. */
export const metered =
  (deps: CommandDeps & { prices: Prices; log: Log }, work: WorkItem): WorkItem =>
  (context, item) =>
    measureServiceUse(
      () => work(context, item),
      async (uses) => {
        const { caller, articleId, operationId: callId } = context
        await recordServiceUse(deps, caller, { callId, articleId, uses }).catch((error: unknown) =>
          deps.log.error({ err: error }, 'service use not recorded'),
        )
      },
    )
