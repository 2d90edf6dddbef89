import type { Element, Parents, Root } from 'hast'
import { attribute, findElement, findElements, isElement, lineOf, textOf } from './html-tree.ts'
import { linkedThings } from './linked-data.ts'

/** What shops put under what they sell: what others say and ask, what else there is, how they send it. */
const furniture = [
  /^((customer|product|verified|user|our|latest|top|recent)\s+)*(reviews?|ratings?|testimonials)\b/i,
  /^[\d,.]+\s+(reviews?|ratings?|questions?)\b/i,
  /^(what|hear from|see what)\b.{0,20}\bcustomers\b/i,
  /^(customer\s+|product\s+|have\s+)?(questions?|q\s?(&|and)\s?as?|faqs?|frequently asked)\b.{0,30}$/i,
  /^(write|leave|add) a review|^ask (a|us|an)\b/i,
  /^(complete|shop|get) (the|your|this) (look|set|outfit|order|kit)/i,
  /^(pairs?|goes|works|wear|style|match) (it |well |great |perfectly )*with\b/i,
  /^(free |fast )?(shipping|delivery|returns?|refunds?|payments?)\b.{0,40}$/i,
  /^(you|customers|people|others|shoppers) (may|might|also|who|will)\b/i,
  /^(related|similar|recommended|recently viewed|best ?sellers?|frequently bought|bought together)\b/i,
  /^more (from|in|like|products|to)\b|^(our|latest|new) (promise|blog|arrivals)\b|^why (buy|shop|choose)\b/i,
]

const says = (heading: Element): boolean => {
  const line = lineOf(heading)
  return line.length < 80 && furniture.some((pattern) => pattern.test(line))
}

/** Whether a page sells one thing: it says so, or names its parts so. */
export function isProductPage(root: Root): boolean {
  const products = linkedThings(root).filter((thing) =>
    /^Product(Group)?$/.test(String(thing['@type'])),
  )
  const marked = findElements(root, (node) => /\/Product$/.test(attribute(node, 'itemType')))
  if (products.length + marked.length > 0) return products.length + marked.length < 3
  const isMeta = (node: Element) =>
    isElement(node, 'meta') &&
    attribute(node, 'property') === 'og:type' &&
    /^(og:)?product/.test(attribute(node, 'content'))
  const isPart = (node: Element) =>
    /(^|\s)product[-_]+(reviews?|details?|page|info|summary|description|gallery|main|single)(\s|$)/i.test(
      `${attribute(node, 'id')} ${attribute(node, 'className')}`,
    )
  return (
    findElement(root, isMeta) !== undefined ||
    findElements(root, (node) => isElement(node, 'body', 'main', 'div', 'section') && isPart(node))
      .length === 1
  )
}

/** Takes the parts out whose own heading says that they are not what is sold. */
export function removeShopFurniture(root: Root): void {
  const isLarge = lineLength(root) * 0.6
  const visit = (parent: Parents) => {
    for (let at = 0; at < parent.children.length; at += 1) {
      const node = parent.children[at]
      if (!isElement(node)) continue
      if (isHeading(node) ? says(node) : isSectionOf(node)) {
        const end = isHeading(node) ? endOf(parent, at, node.tagName) : at + 1
        const gone = parent.children.slice(at, end)
        const length = gone.reduce((sum, part) => sum + lineLength(part), 0)
        if (length < isLarge && !gone.some((part) => findElement(part, isTitle))) {
          parent.children.splice(at, end - at)
          at -= 1
          continue
        }
      }
      visit(node)
    }
  }
  visit(root)
}

const lineLength = (node: Parameters<typeof textOf>[0]): number => textOf(node).length

/** A part that begins with such a heading and has no other of its rank. */
function isSectionOf(node: Element): boolean {
  if (!isElement(node, 'div', 'section', 'aside', 'details', 'li')) return false
  const first = findElement(node, isHeading)
  if (!first || !says(first) || !lineOf(node).startsWith(lineOf(first))) return false
  const alike = findElements(node, (child) => child.tagName <= first.tagName && isHeading(child))
  return alike.every((heading) => heading === first || says(heading))
}

const endOf = (parent: Parents, at: number, rank: string): number => {
  const next = parent.children.findIndex(
    (node, index) =>
      index > at &&
      isElement(node) &&
      findElement(node, (child) => isHeading(child) && child.tagName <= rank),
  )
  return next === -1 ? parent.children.length : next
}

const isHeading = (node: Element): boolean => /^h[2-6]$/.test(node.tagName)

const isTitle = (node: Element): boolean => isElement(node, 'h1', 'main')
