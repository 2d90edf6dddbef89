import type { Element } from 'hast'
import { attribute, classNames, isElement } from './html-tree.ts'

const layoutWord =
  /^(nav|navbar|menu|footer|sidebar|breadcrumbs?|cookies?|consent|gdpr|newsletter|subscribe|signup|share|sharing|social|pagination|pager|toolbar|filters?|modal|popup|advert\w*|ads?|promo|similar|related|recommend\w*)$/i
/** These mean layout whatever stands behind them: `menu-flyout`, `cookie-settings`. */
const clearWord =
  /^(nav|navbar|menu|breadcrumbs?|cookies?|consent|gdpr|newsletter|modal|popup|pagination|pager|toolbar|social|share|sharing)$/i
/** What a part is called beside what it is: `share-buttons`, `sidebar-inner`. */
const partWord =
  /^(s|inner|outer|wrap(per)?|container|content|holder|list|lists|box|block|section|area|bar|links?|buttons?|btns?|icons?|widgets?|form|banner|panel|items?|group|module|region|row|col|column|columns|grid|title|header|heading|head|text|body|menu|posts?|articles?|stories|products?|topics?|news|slider|carousel|overlay|notice|message|popup|modal|controls?|tools?|left|right|top|bottom|main|primary|secondary|desktop|mobile|sm|md|lg|xl|xs|\d+)$/i
/** A name with one of these says how a part is, or names two things. */
const stateWord =
  /^(no|non|not|has|have|with|without|hide|hides|hidden|show|shows|shown|enabled?|disabled?|off|on|true|false|is|and|or|by|to|for|one|two|dark|light|open|opened|closed|collapsed|expanded)$/i

/** A footer named after one of these is part of a card, and of the content. */
const cardWord = /^(card|box|item|panel|tile|product|plan|table)$/i

/** Headings and what stands in a line, a table or a list is named for what it says. */
const named = new Set([
  ...[
    'div',
    'section',
    'aside',
    'header',
    'footer',
    'form',
    'ul',
    'ol',
    'nav',
    'article',
    'details',
  ],
  ...['p', 'li', 'dl', 'a', 'span', 'button', 'fieldset', 'main', 'table', 'center', 'hr', 'label'],
])

/** Whether its author named a part for what surrounds content. */
export const hasLayoutName = (node: Element): boolean =>
  (named.has(node.tagName) || node.tagName.includes('-')) && namesOf(node).some(isLayoutName)

/** The id of a part with a heading of its own is that heading in other words. */
function namesOf(node: Element): string[] {
  const id = attribute(node, 'id')
  return id === '' || hasOwnHeading(node) ? classNames(node) : [id, ...classNames(node)]
}

/** Whether a part begins with a heading, so that it is a section of the page. */
export function hasOwnHeading(node: Element): boolean {
  const first = node.children.find((child) => isElement(child))
  if (!first || !isElement(node, 'section', 'div', 'article')) return false
  if (/^h[1-6]$/.test(first.tagName)) return true
  return isElement(first, 'header', 'div') &&
    first.children.filter((child) => isElement(child)).length === 1
    ? first.children.some((child) => isElement(child) && /^h[1-6]$/.test(child.tagName))
    : false
}

/** The last part of a name says what a thing is, before words that only say which part of it. */
function isLayoutName(name: string): boolean {
  const [plain = ''] = name.split('--', 1)
  const parts = plain.split('__').map(wordsOfName)
  const words = parts.findLast((part) => !part.every(isPartOnly)) ?? []
  if (words.some((word) => stateWord.test(word))) return false
  if (words.some((word) => /^(similar|related|recommend\w*)$/i.test(word))) return true
  const at = words.findLastIndex((word) => layoutWord.test(word))
  if (at === -1) return false
  if (
    !clearWord.test(words[at] ?? '') &&
    !words.slice(at + 1).every((word) => partWord.test(word))
  ) {
    return false
  }
  return !(/^footer$/i.test(words[at] ?? '') && cardWord.test(words[at - 1] ?? ''))
}

const isPartOnly = (word: string): boolean => partWord.test(word) && !layoutWord.test(word)

const wordsOfName = (name: string): string[] =>
  name
    .replace(/([a-z])([A-Z])/g, '$1-$2')
    .split(/[-_:]+/)
    .filter((word) => word !== '')
