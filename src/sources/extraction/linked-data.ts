import type { Root } from 'hast'
import { attribute, findElements, isElement, textOf } from './html-tree.ts'

export interface LinkedData {
  author?: string | undefined
  site?: string | undefined
  publishedAt?: string | undefined
}

/** schema.org as JSON-LD: only the first article-like thing, only strings. */
export function linkedData(root: Root): LinkedData {
  const article = linkedThings(root).find((thing) =>
    /Article|Posting|Report|WebPage/.test(String(thing['@type'])),
  )
  if (!article) return {}
  return {
    author: nameOf(article.author),
    site: nameOf(article.publisher),
    publishedAt: typeof article.datePublished === 'string' ? article.datePublished : undefined,
  }
}

/** All things that a page describes as JSON-LD, in their order. */
export function linkedThings(root: Root): Record<string, unknown>[] {
  const scripts = findElements(
    root,
    (node) => isElement(node, 'script') && /^application\/ld\+json$/i.test(attribute(node, 'type')),
  )
  return scripts.slice(0, 10).flatMap((script) => thingsOf(parsed(textOf(script))))
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json.slice(0, 500_000))
  } catch {
    return undefined
  }
}

const isThing = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function thingsOf(value: unknown): Record<string, unknown>[] {
  if (Array.isArray(value)) return value.slice(0, 50).filter(isThing)
  if (!isThing(value)) return []
  return Array.isArray(value['@graph']) ? value['@graph'].slice(0, 50).filter(isThing) : [value]
}

function nameOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value
  if (Array.isArray(value)) return value.slice(0, 5).map(nameOf).filter(Boolean).join(', ')
  return isThing(value) && typeof value.name === 'string' ? value.name : undefined
}
