import type { ServiceUse } from '../service-use.ts'

/** What a service costs in US dollars: by request, or by million tokens. */
export type Price = { request: number } | { input: number; output: number }

export type Prices = ReadonlyMap<string, Price>

/** The cost of a use in US dollars; null without a price, since nothing is better than a guess. */
export function costOf(prices: Prices, use: ServiceUse): number | null {
  const price = prices.get(use.service)
  if (!price) return null
  if ('request' in price) return price.request * use.requests
  return (price.input * use.inputTokens + price.output * use.outputTokens) / 1_000_000
}
