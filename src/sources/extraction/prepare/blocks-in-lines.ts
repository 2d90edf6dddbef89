import type { Element, ElementContent, Root } from 'hast'
import {
  attribute,
  element,
  findElement,
  isElement,
  lineOf,
  replaceElements,
  text,
} from '../html-tree.ts'

const lines = [
  'a',
  'b',
  'strong',
  'i',
  'em',
  'del',
  's',
  'strike',
  'u',
  'mark',
  'font',
  'span',
  'small',
]
const containers = [
  'p',
  'div',
  'section',
  'article',
  'header',
  'footer',
  'main',
  'figure',
  'center',
]
  .concat(['figcaption', 'blockquote', 'address', 'details', 'summary', 'fieldset', 'legend'])
  .concat(['h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'ul', 'ol', 'li', 'dl', 'dt', 'dd', 'aside', 'nav'])
  .concat(['table', 'thead', 'tbody', 'tfoot', 'tr', 'td', 'th', 'caption'])
const verbatim = ['pre', 'hr']

/**
 * A link or a mark around blocks (`<a><h3>…<p>…</a>`, `<strong><p>…`) goes into each of them, for Markdown has
 * both only within a line. A link around code alone, which can hold none, follows it.
 */
export function settleBlocksInLines(root: Root | Element): void {
  replaceElements(root, (node) => {
    if (!isElement(node, ...lines) || !findElement(node, isBlock)) return undefined
    const out = distributed(node.children, node)
    const link = isElement(node, 'a') ? attribute(node, 'href') : ''
    const isLinked = (part: ElementContent) => findElement(part, (child) => isElement(child, 'a'))
    if (link !== '' && !out.some(isLinked)) {
      out.push(element('p', [element('a', [text(link)], node.properties)]))
    }
    const place = element('div', out)
    settleBlocksInLines(place)
    return place.children
  })
}

const blocks = new Set([...containers, ...verbatim])

const isBlock = (node: ElementContent): boolean =>
  node.type === 'element' && blocks.has(node.tagName)

/** Puts `mark` around each run of what stands between blocks, at any depth. */
function distributed(children: readonly ElementContent[], mark: Element): ElementContent[] {
  const out: ElementContent[] = []
  let run: ElementContent[] = []
  const close = () => {
    const says = run.some((node) => lineOf(node) !== '' || findElement(node, isPicture))
    if (says) out.push(element(mark.tagName, run, mark.properties))
    run = []
  }
  for (const child of children) {
    if (!isElement(child) || !findElement(child, isBlock)) {
      run.push(child)
      continue
    }
    close()
    if (isElement(child, ...verbatim)) out.push(child)
    else out.push(element(child.tagName, distributed(child.children, mark), child.properties))
  }
  close()
  return out
}

const isPicture = (node: Element): boolean => isElement(node, 'img', 'math', 'input')
