import type { Projection } from '../store/projections/projection-step.ts'
import { articleSourcesProjection } from './articles/article-sources.ts'
import { articlesProjection } from './articles/articles.ts'
import { auditProjection } from './audit.ts'
import { apiTokensProjection } from './people/api-tokens.ts'
import { operationsProjection } from './runs/operations.ts'
import { runsProjection } from './runs/runs.ts'
import { plansProjection } from './usage/plans.ts'
import { providerUsageProjection } from './usage/provider-usage.ts'
import { toolCallsProjection } from './usage/tool-calls.ts'
import { usageProjection } from './usage/usage.ts'

/** Every read model there is. */
export const projections: readonly Projection[] = [
  articlesProjection,
  articleSourcesProjection,
  operationsProjection,
  runsProjection,
  usageProjection,
  toolCallsProjection,
  apiTokensProjection,
  plansProjection,
  providerUsageProjection,
  auditProjection,
]
