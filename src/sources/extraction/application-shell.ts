import type { Element, Root } from 'hast'
import {
  attribute,
  findElement,
  findElements,
  isElement,
  lineOf,
  pruned,
  textOf,
} from './html-tree.ts'

/** Below this many words a page with the signs of a shell is one. */
export const shellWordsMax = 60

/**
 * Whether a page looks like the shell of an application: it runs scripts, and it has an empty root or asks
 * to switch JavaScript on. A short page is no shell just for being short.
 */
export function looksLikeShell(root: Root): boolean {
  const scripts = findElements(
    root,
    (node) => isElement(node, 'script') && isCode(attribute(node, 'type')),
  )
  if (scripts.length === 0) return false
  const asks = findElements(root, (node) => isElement(node, 'noscript')).some((node) =>
    /java\s?script|activ|enable|browser/i.test(lineOf(node)),
  )
  const isRoot = (id: string) =>
    /^(root|app|__next|__nuxt|___gatsby|svelte|main-app|ember\d*|q-app)$/i.test(id)
  const shell = findElement(
    root,
    (node) =>
      (isRoot(attribute(node, 'id')) || isElement(node, 'app-root')) &&
      textOf(node).trim().length < 200,
  )
  const body = findElement(root, (node) => isElement(node, 'body'))
  const visible = body ? textOf(withoutScripts(body)).trim() : ''
  return asks || shell !== undefined || visible === '' || placeholder.test(visible)
}

/** All that some pages say before their scripts have run. */
const placeholder = /^(loading|please wait|just a moment|one moment|redirecting)\b.{0,60}$/i

const isCode = (type: string): boolean => type === '' || /javascript|module/i.test(type)

const withoutScripts = (body: Element): Element => pruned(body, (node) => isElement(node, 'script'))
