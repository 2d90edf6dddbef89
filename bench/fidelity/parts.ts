import type { Element } from 'hast'
import type { Nodes, Root } from 'mdast'
import {
  attribute,
  classNames,
  findElement,
  findElements,
  isElement,
  lineOf,
  textOf,
} from '../../src/sources/extraction/html-tree.ts'
import { squeezed } from './label-region.ts'

/** What a page is made of beside its words. Texts are squeezed, addresses absolute. */
export interface Parts {
  headings: { text: string; level: number }[]
  code: { text: string; value: string; language: string }[]
  tables: { text: string }[]
  /** Items of lists within lists. */
  nested: { text: string }[]
  links: { text: string; url: string }[]
  images: { url: string }[]
  formulas: number
}

/** The parts of a region of a page as its author wrote them; those with words only where the label has them. */
export function partsOfPage(region: Element, label: string, base: string): Parts {
  const wanted = squeezed(label)
  const isWanted = ({ text }: { text: string }) => text !== '' && wanted.includes(text)
  const all = (...names: string[]) => findElements(region, (node) => isElement(node, ...names))
  const absolute = (address: string) =>
    URL.canParse(address, base) ? new URL(address, base).href : ''
  return {
    headings: all('h1', 'h2', 'h3', 'h4', 'h5', 'h6')
      .map((node) => ({ text: squeezed(lineOf(node)), level: Number(node.tagName.slice(1)) }))
      .filter(isWanted),
    code: all('pre')
      .map((node) => ({
        text: squeezed(textOf(node)),
        value: textOf(node),
        language: languageOf(node),
      }))
      .filter(isWanted),
    tables: all('table')
      .filter((node) => findElements(node, (cell) => isElement(cell, 'td', 'th')).length > 3)
      .filter(
        (node) => !findElement(node, (inner) => inner !== node && isElement(inner, 'table', 'pre')),
      )
      .map((node) => ({ text: squeezed(textOf(node)) }))
      .filter(isWanted),
    nested: all('li')
      .flatMap((item) => findElements(item, (node) => node !== item && isElement(node, 'li')))
      .filter((node) => !findElement(node, (inner) => inner !== node && isElement(inner, 'li')))
      .map((node) => ({ text: squeezed(textOf(node)) }))
      .filter(isWanted),
    links: all('a')
      .map((node) => ({ text: squeezed(lineOf(node)), url: absolute(attribute(node, 'href')) }))
      .filter((link) => isWanted(link) && link.url.startsWith('http')),
    images: all('img')
      .map((node) => ({ url: absolute(attribute(node, 'src')) }))
      .filter(({ url }) => url.startsWith('http')),
    formulas: all('math').length,
  }
}

function languageOf(pre: Element): string {
  const code = findElement(pre, (node) => isElement(node, 'code'))
  const names = [...classNames(pre), ...(code ? classNames(code) : [])]
  return names.map((name) => /^lang(?:uage)?-([\w+#-]+)$/.exec(name)?.[1] ?? '').find(Boolean) ?? ''
}

/** The same parts of what a page has become. */
export function partsOfMarkdown(tree: Root): Parts {
  const parts: Parts = {
    headings: [],
    code: [],
    tables: [],
    nested: [],
    links: [],
    images: [],
    formulas: 0,
  }
  const read = (node: Nodes, lists: number) => {
    const text = () => squeezed(wordsOf(node))
    if (node.type === 'heading') parts.headings.push({ text: text(), level: node.depth })
    if (node.type === 'code') {
      parts.code.push({ text: text(), value: node.value, language: node.lang ?? '' })
    }
    if (node.type === 'table') parts.tables.push({ text: text() })
    if (node.type === 'listItem' && lists > 1) parts.nested.push({ text: text() })
    if (node.type === 'link') parts.links.push({ text: text(), url: node.url })
    if (node.type === 'image') parts.images.push({ url: node.url })
    if (node.type === 'math' || node.type === 'inlineMath') parts.formulas += 1
    if ('children' in node) {
      for (const child of node.children) read(child, lists + (node.type === 'list' ? 1 : 0))
    }
  }
  read(tree, 0)
  return parts
}

const wordsOf = (node: Nodes): string => {
  if ('children' in node) return node.children.map(wordsOf).join(' ')
  return 'value' in node && node.type !== 'html' ? node.value : ''
}
