import type { Nodes, Root } from 'mdast'
import remarkGfm from 'remark-gfm'
import remarkMath from 'remark-math'
import remarkParse from 'remark-parse'
import { unified } from 'unified'

const reader = unified().use(remarkParse).use(remarkGfm).use(remarkMath).freeze()

/** Markdown as a reader's parser sees it, to judge meaning instead of style. */
export const parseMarkdown = (markdown: string): Root => reader.parse(markdown)

/** All nodes of a type, in order of appearance. */
export function nodesOf<T extends Nodes['type']>(
  markdown: string,
  type: T,
): Extract<Nodes, { type: T }>[] {
  const found: Extract<Nodes, { type: T }>[] = []
  const walk = (node: Nodes) => {
    if (node.type === type) found.push(node as Extract<Nodes, { type: T }>)
    if ('children' in node) for (const child of node.children) walk(child)
  }
  walk(parseMarkdown(markdown))
  return found
}

/** What a reader sees of a node, without marks. */
export function plainText(node: Nodes): string {
  if (node.type === 'break') return '\n'
  if ('value' in node) return node.value
  if (node.type === 'image') return node.alt ?? ''
  return 'children' in node ? node.children.map(plainText).join('') : ''
}

/** The cells of each table, as text. */
export const tablesOf = (markdown: string): string[][][] =>
  nodesOf(markdown, 'table').map((table) =>
    table.children.map((row) => row.children.map((cell) => plainText(cell))),
  )

/** Outline of a list: text of each item with its depth. */
export function outlineOf(markdown: string): string[] {
  const out: string[] = []
  const walk = (node: Nodes, depth: number) => {
    if (node.type === 'listItem') {
      const own = node.children.filter((child) => child.type !== 'list').map(plainText)
      out.push(`${depth} ${own.join(' ').trim()}`)
    }
    if (!('children' in node)) return
    for (const child of node.children) walk(child, depth + (node.type === 'list' ? 1 : 0))
  }
  walk(parseMarkdown(markdown), 0)
  return out
}
