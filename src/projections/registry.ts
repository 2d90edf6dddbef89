import { apiTokensProjection } from './api-tokens.ts'
import { articleSourcesProjection } from './article-sources.ts'
import { articlesProjection } from './articles.ts'
import { auditProjection } from './audit.ts'
import { dailyActivityProjection } from './daily-activity.ts'
import type { Projection } from './define-projection.ts'
import { operationsProjection } from './operations.ts'
import { plansProjection } from './plans.ts'
import { providerUsageProjection } from './provider-usage.ts'
import { toolCallsProjection } from './tool-calls.ts'
import { usageProjection } from './usage.ts'

/** Every read model there is. */
export const projections: readonly Projection[] = [
  articlesProjection,
  articleSourcesProjection,
  operationsProjection,
  usageProjection,
  toolCallsProjection,
  apiTokensProjection,
  plansProjection,
  providerUsageProjection,
  auditProjection,
  dailyActivityProjection,
]
