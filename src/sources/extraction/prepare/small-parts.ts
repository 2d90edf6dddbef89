import type { Element, ElementContent, Parents, Root } from 'hast'
import {
  attribute,
  element,
  findElement,
  isElement,
  lineOf,
  type Replacement,
  replaceElements,
  standsInText,
  text,
  textOf,
} from '../html-tree.ts'
import { wordCount } from '../word-count.ts'
import { absoluteUrl } from './links.ts'

const invisible = new Set([
  ...[
    'script',
    'style',
    'template',
    'noscript',
    'link',
    'meta',
    'svg',
    'canvas',
    'object',
    'embed',
  ],
  ...['select', 'input', 'datalist', 'progress', 'meter', 'base', 'title'],
])

/** What carries no text of its own, and single elements that Markdown says in another way. */
export function prepareSmallParts(root: Root | Element, base: string): void {
  replaceElements(root, (node, parent) => {
    if (isElement(node, 'input') && attribute(node, 'type') === 'checkbox') return undefined
    if (invisible.has(node.tagName)) return []
    if (/^h[1-6]$/.test(node.tagName)) return heading(node, base)
    switch (node.tagName) {
      case 'button':
        return isRead(node, parent) ? undefined : []
      case 'dialog':
        return []
      case 'textarea':
        return written(node)
      case 'code':
      case 'kbd':
      case 'samp':
      case 'var':
      case 'tt':
        // Two backticks with nothing between them are text.
        return lineOf(node) === '' ? node.children : undefined
      case 'iframe':
        return embedded(node, base)
      case 'summary':
        prepareSmallParts(node, base)
        return [summary(node)]
      case 'ruby':
        return ruby(node, base)
      case 'sup':
        return partOfPrice(node, parent) ?? raised(node, superscripts, '^')
      case 'sub':
        return raised(node, subscripts, '_')
      default:
        return undefined
    }
  })
}

/** A button is for a hand unless it is a word of a sentence, opens what it names, or holds a text of its own. */
function isRead(button: Element, parent: Parents): boolean {
  if (button.properties.ariaExpanded !== undefined || attribute(button, 'ariaControls') !== '') {
    return attribute(button, 'role') !== 'tab' && /\p{L}/u.test(lineOf(button))
  }
  return standsInText(button, parent) || wordCount(textOf(button)) > 8
}

/** A longer one is the page itself, for those who want to print it elsewhere. */
const copiedMax = 150

/** A field that nobody may write in shows a text to copy. */
function written(field: Element): Replacement {
  const { readOnly, disabled } = field.properties
  const words = wordCount(textOf(field))
  if (!(readOnly || disabled) || words === 0 || words > copiedMax) return []
  return [element('pre', [element('code', [text(textOf(field))])])]
}

/** A line that opens details; where sites put whole sections into one, it stays what it is. */
function summary(node: Element): Element {
  const blocks = ['h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'p', 'div', 'section', 'ul', 'pre', 'table']
  const holdsBlocks = findElement(node, (child) => isElement(child, ...blocks)) !== undefined
  return holdsBlocks
    ? element('div', node.children)
    : element('p', [element('strong', node.children)])
}

/** One line; a line break in a heading is layout. A button that is all of one (an accordion) holds its words. */
function heading(node: Element, base: string): Replacement {
  if (lineOf(node) === '' && !findElement(node, (child) => isElement(child, 'img', 'math')))
    return []
  const button = findElement(node, (child) => isElement(child, 'button'))
  const isAccordion = button !== undefined && lineOf(button) === lineOf(node)
  replaceElements(node, (child) => {
    if (isElement(child, 'br')) return [text(' ')]
    return isElement(child, 'button') && isAccordion ? child.children : undefined
  })
  prepareSmallParts(node, base)
  return [node]
}

const player =
  /(^|\.)(youtube(-nocookie)?|vimeo|dailymotion|loom|ted|wistia|twitch|soundcloud|spotify)\.(com|net|tv)$/

/**
 * A frame is a page of its own: what remains is where it is, videos by the address people know. One that
 * says nothing of itself is a button or an advertisement.
 */
function embedded(frame: Element, base: string): Replacement {
  const source = absoluteUrl(attribute(frame, 'src') || attribute(frame, 'dataSrc'), base)
  if (!source.startsWith('http')) return []
  const url = new URL(source)
  const video = /^\/embed\/([\w-]{11})$/.exec(url.pathname)?.[1]
  const isYouTube = /(^|\.)youtube(-nocookie)?\.com$/.test(url.hostname)
  const href = isYouTube && video ? `https://www.youtube.com/watch?v=${video}` : source
  const title = attribute(frame, 'title').trim()
  if (title === '' && !player.test(url.hostname)) return []
  const label = title || `Embedded content from ${url.hostname}`
  return [element('p', [element('a', [text(label)], { href })])]
}

const superscripts = new Map(
  [...'0123456789+-=()ni'].map((c, i) => [c, [...'⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿⁱ'][i] ?? c]),
)
const subscripts = new Map(
  [...'0123456789+-=()'].map((c, i) => [c, [...'₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎'][i] ?? c]),
)

/** Readings stand in brackets behind what they are of; `rp` holds the brackets where the author thought of it. */
function ruby(node: Element, base: string): Replacement {
  const brackets = findElement(node, (child) => isElement(child, 'rp')) ? ['', ''] : ['(', ')']
  replaceElements(node, (child) =>
    isElement(child, 'rt') && lineOf(child) !== ''
      ? [text(brackets[0] ?? ''), ...child.children, text(brackets[1] ?? '')]
      : undefined,
  )
  prepareSmallParts(node, base)
  return node.children
}

/** The cents of a price are raised to look small; `$1,069⁹⁹` would be another number. */
function partOfPrice(sup: Element, parent: Parents): Replacement | undefined {
  const label = lineOf(sup)
  if (/^\p{Sc}$/u.test(label)) return [text(label)]
  if (!/^[.,]?\d\d$/.test(label) || parent.children.length > 300) return undefined
  const before = parent.children.slice(0, parent.children.indexOf(sup)).map(textOf).join('')
  if (/^[.,]\d\d$/.test(label) && /\d\s*$/.test(before)) return [text(label)]
  return /^\d\d$/.test(label) && /\p{Sc}\s?\d[\d.,]*\s*$/u.test(before)
    ? [text(`.${label}`)]
    : undefined
}

/** `10<sup>6</sup>` must not become 106. */
function raised(node: Element, small: Map<string, string>, mark: string): Replacement {
  const label = lineOf(node)
  if (
    label === '' ||
    findElement(node, (child) => child !== node && isElement(child, 'a', 'math', 'img'))
  ) {
    return node.children as ElementContent[]
  }
  if (/^(st|nd|rd|th|tm|sm|®|™|℠|\[.*\]|[*†‡§]+)$/i.test(label)) return [text(label)]
  if ([...label].every((c) => small.has(c)))
    return [text([...label].map((c) => small.get(c)).join(''))]
  return [text(mark + (/^[\w*]+$/.test(label) ? label : `(${label})`))]
}
