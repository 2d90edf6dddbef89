import { Readability } from '@mozilla/readability'
import type { Element, ElementContent, Text } from 'hast'
import { parseHTML } from 'linkedom'
import { attribute } from './html-tree.ts'

/** The attributes by which Readability judges; everything else would only cost time. */
const judged = new Map([
  ['id', 'id'],
  ['className', 'class'],
  ['role', 'role'],
  ['rel', 'rel'],
  ['itemProp', 'itemprop'],
  ['href', 'href'],
  ['ariaModal', 'aria-modal'],
  ['dataLatex', 'data-latex'],
])

interface DomNode {
  nodeType: number
  childNodes: Iterable<DomNode>
  firstChild: DomNode | null
  appendChild: (child: DomNode) => void
  removeChild: (child: DomNode) => void
  setAttribute: (name: string, value: string) => void
}

/**
 * The text of the page that Readability takes for its article; empty when it finds none. Only its choice is
 * wanted: what it leaves is not what it got, and what it got is still here.
 */
export function articleText(page: Element, title: string): Set<Text> {
  const { document } = parseHTML('<!doctype html><html><head></head><body></body></html>')
  const origin = new Map<DomNode, Text>()
  const fill = (parent: DomNode, children: readonly ElementContent[]) => {
    for (const child of children) {
      if (child.type === 'text') {
        const made: DomNode = document.createTextNode(child.value)
        origin.set(made, child)
        parent.appendChild(made)
      } else if (child.type === 'element') {
        const made: DomNode = document.createElement(child.tagName)
        for (const property in child.properties) {
          const name = judged.get(property)
          if (name !== undefined) made.setAttribute(name, attribute(child, property))
        }
        fill(made, child.children)
        parent.appendChild(made)
      }
    }
  }
  document.title = title
  for (const property in page.properties) {
    const name = judged.get(property)
    if (name !== undefined) document.body.setAttribute(name, attribute(page, property))
  }
  const fillBody = () => fill(document.body, page.children)
  fillBody()
  restoreInstead(document.body, fillBody)
  const found = new Set<Text>()
  const read = (node: DomNode) => {
    const text = origin.get(node)
    if (text) found.add(text)
    else for (const child of node.childNodes) read(child)
  }
  const article = articleOf(document)
  if (article) read(article)
  return found
}

/** It writes the body down before it begins, and reads that again for each further try. */
function restoreInstead(body: DomNode, fill: () => void): void {
  Object.defineProperty(body, 'innerHTML', {
    get: () => '',
    set() {
      while (body.firstChild) body.removeChild(body.firstChild)
      fill()
    },
  })
}

function articleOf(document: ConstructorParameters<typeof Readability>[0]): DomNode | undefined {
  try {
    const reader = new Readability<DomNode>(document, {
      keepClasses: true,
      disableJSONLD: true,
      maxElemsToParse: 200_000,
      serializer: (article) => article as unknown as DomNode,
    })
    return reader.parse()?.content ?? undefined
  } catch {
    return undefined
  }
}
