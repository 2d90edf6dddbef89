import type { Element } from 'hast'
import { attribute, findElement, isElement, lineOf } from './html-tree.ts'
import { type TreeWords, wordsOf } from './tree-words.ts'

/** Products that ask for consent, by the names they give their own elements. */
const asker =
  /onetrust|optanon|cybot|cookiebot|didomi|usercentrics|qc-cmp|truste|trustarc|fides-|iubenda|cmplz|\bcky-|cookie-?yes|osano|termly|klaro|borlabs|moove_gdpr|evidon|tarteaucitron|axeptio|ketch-|sp_message|cookie-?(law|consent|notice|banner|bar|policy-popup|modal)|gdpr-/i

const subjects = [
  /\bcookies?\b/i,
  /\bpartners\b|third[- ]part/i,
  /personal data|unique identifiers|on (a|your) device|privacy/i,
  /\bconsent\b|legitimate interest|opt[- ]out/i,
  /\b(accept|reject|allow|decline|manage|agree)\b.{0,60}\b(all|choices|preferences|cookies|settings|options|use)\b/i,
  /personali[sz]ed|analytics|targeting|functional|strictly necessary/i,
]

/** Layers stand near the body, not in the content. */
const depthMax = 4
const wordsMin = 15

/** What lies over a page and asks for consent, however much it says; a policy that is the page is none. */
export function consentLayers(body: Element, counts: TreeWords): Set<Element> {
  const found = new Set<Element>()
  const { all } = wordsOf(counts, body)
  const look = (parent: Element, depth: number) => {
    for (const child of parent.children) {
      if (!isElement(child) || isElement(child, 'main', 'article')) continue
      const words = wordsOf(counts, child)
      const isNamed = asker.test(`${attribute(child, 'id')} ${attribute(child, 'className')}`)
      if (words.all > all * 0.85 || findElement(child, isPage)) {
        if (depth < depthMax) look(child, depth + 1)
      } else if (isNamed || (words.all >= wordsMin && asks(child))) found.add(child)
      else if (depth < depthMax) look(child, depth + 1)
    }
  }
  look(body, 1)
  return found
}

const isPage = (node: Element): boolean =>
  isElement(node, 'main', 'article', 'h1') || attribute(node, 'role') === 'main'

/** A sentence about cookies is told by many pages; what asks names most of what it asks about. */
function asks(node: Element): boolean {
  const text = lineOf(node)
  const named = subjects.filter((subject) => subject.test(text)).length
  return named >= 4 || (named >= 3 && text.length < 1200)
}
