import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import packageJson from '../../../package.json' with { type: 'json' }
import { onObserved } from '../../observed.ts'
import { type MetricsSources, readAtScrape } from './read-at-scrape.ts'

/** The figures of one process, in the form that Prometheus reads. */
export interface Metrics {
  contentType: string
  text: () => Promise<string>
  /** Listens no more. */
  stop: () => void
}

/** Seconds: from a fast answer to a tool that waits for slow work. */
const buckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60]

/**
 * Counts what layers say of their work, and asks the database at each scrape. No label holds a user, an
 * article or an address of the web, so that their number is bounded.
 */
export function createMetrics(sources: MetricsSources): Metrics {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  new Gauge({
    name: 'nova_build_info',
    help: 'Always 1; the version is a label.',
    labelNames: ['version'],
    registers: [registry],
  }).set({ version: packageJson.version }, 1)
  const stops = countWork(registry)
  const readNow = readAtScrape(registry, sources)
  return {
    contentType: registry.contentType,
    async text() {
      await readNow()
      return registry.metrics()
    },
    stop: () => {
      for (const stop of stops) stop()
      registry.clear()
    },
  }
}

function countWork(registry: Registry): (() => void)[] {
  const registers = [registry]
  const requests = new Histogram({
    name: 'nova_http_request_duration_seconds',
    help: 'Answers, by the pattern of their route.',
    labelNames: ['method', 'route', 'status'],
    buckets,
    registers,
  })
  const tools = new Histogram({
    name: 'nova_tool_duration_seconds',
    help: 'Calls of tools: done, refused or broken.',
    labelNames: ['tool', 'outcome'],
    buckets,
    registers,
  })
  const refusals = new Counter({
    name: 'nova_refusals_total',
    help: 'Refusals that were answered, by their code; QUOTA_EXCEEDED is one of admission.',
    labelNames: ['code'],
    registers,
  })
  const appends = new Histogram({
    name: 'nova_append_duration_seconds',
    help: 'Appends: appended, conflict or failed.',
    labelNames: ['outcome'],
    buckets,
    registers,
  })
  const events = new Counter({
    name: 'nova_events_appended_total',
    help: 'Events that this process appended.',
    registers,
  })
  const fetches = new Histogram({
    name: 'nova_fetch_duration_seconds',
    help: 'Fetches from the open web: the class of the status, or why there was none.',
    labelNames: ['outcome'],
    buckets,
    registers,
  })
  const service = { labelNames: ['service'] as const, registers }
  const uses = new Counter({
    name: 'nova_service_requests_total',
    help: 'Requests to models and paid services.',
    ...service,
  })
  const tokens = new Counter({
    name: 'nova_service_tokens_total',
    help: 'Tokens in and out of models.',
    ...service,
  })
  const cost = new Counter({
    name: 'nova_service_cost_usd_total',
    help: 'Cost of models and services where NOVA_PRICES knows a price.',
    ...service,
  })
  return [
    onObserved('request', ({ method, route, status, ms }) =>
      requests.observe({ method, route, status: String(status) }, ms / 1000),
    ),
    onObserved('tool', ({ tool, outcome, ms }) => tools.observe({ tool, outcome }, ms / 1000)),
    onObserved('refusal', ({ code }) => refusals.inc({ code })),
    onObserved('append', ({ events: count, outcome, ms }) => {
      appends.observe({ outcome }, ms / 1000)
      if (outcome === 'appended') events.inc(count)
    }),
    onObserved('fetch', ({ outcome, ms }) => fetches.observe({ outcome }, ms / 1000)),
    onObserved('service', ({ service: name, requests: count, tokens: used, costUsd }) => {
      uses.inc({ service: name }, count)
      tokens.inc({ service: name }, used)
      cost.inc({ service: name }, costUsd ?? 0)
    }),
  ]
}
