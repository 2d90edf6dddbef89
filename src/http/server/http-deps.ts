import type { IncomingMessage, ServerResponse } from 'node:http'
import type { FastifyBaseLogger } from 'fastify'
import type { CommandDeps } from '../../commands/handle.ts'
import type { LinkSettings } from '../../commands/links/grant-link.ts'
import type { Identity } from '../../commands/people/identity.ts'
import type { WorkInHand } from '../../commands/runs/work-in-hand.ts'
import type { CallLedger } from '../../commands/usage/call-ledger.ts'
import type { Config } from '../../config.ts'
import type { Readiness } from '../../store/database/readiness.ts'
import type { TenantReader } from '../../store/database/tenant.ts'
import type { Erasure } from '../../store/events/erasure.ts'
import type { ApiTokens } from '../../store/people/api-tokens.ts'
import type { IssuerKeyStore } from '../../store/people/issuer-key-store.ts'
import type { ProjectionGate } from '../../store/projections/projection-status.ts'
import type { Admission, Limits } from '../../store/usage/admission.ts'
import type { AnalyticsReader } from '../../store/usage/analytics-reader.ts'
import type { Offer } from '../../toolsets.ts'
import type { OfferedMetrics } from '../metrics/offered-metrics.ts'

/** The settings that HTTP reads. */
export type HttpConfig = Pick<
  Config,
  | 'SERVER_HOST'
  | 'SERVER_URL'
  | 'NOVA_TRUSTED_PROXIES'
  | 'NOVA_REQUESTS_PER_MINUTE'
  | 'NOVA_AUTH_ISSUER'
  | 'NOVA_AUTH_AUDIENCE'
  | 'DESCOPE_PROJECT_ID'
  | 'DESCOPE_BASE_URL'
  | 'NOVA_ACCESS_TOKEN'
  | 'NOVA_CONFORMANCE_FIXTURES'
  | 'NOVA_FETCH_ALLOW'
>

/** Answers one MCP request on the raw response; mounted here without knowing the MCP adapter. */
type McpEndpoint = (
  request: IncomingMessage,
  response: ServerResponse,
  body: unknown,
  identity: Identity,
  offer: Offer,
) => Promise<void>

/** What the HTTP adapter needs from the composition root. */
export interface HttpDeps extends CommandDeps {
  readonly config: HttpConfig
  /** The limits of users without a plan. */
  readonly limits: Limits
  readonly admission: Admission
  readonly reader: TenantReader
  readonly apiTokens: ApiTokens
  readonly issuerKeys: IssuerKeyStore
  readonly analytics: AnalyticsReader
  readonly projections: Pick<ProjectionGate, 'waitFor'>
  readonly erasure: Erasure
  readonly links: LinkSettings
  readonly runs: {
    goOn(job: { userId: string; articleId: string; runId: string }): Promise<void>
  }
  readonly ledger: CallLedger
  readonly inHand: WorkInHand
  readonly log: FastifyBaseLogger
  /** The tools that this server offers to anybody. */
  readonly offer: Offer
  readonly mcp: McpEndpoint
  /** Served at /metrics, where they have no port of their own. */
  readonly metrics: OfferedMetrics | null
  readonly ready: () => Promise<Readiness>
}
