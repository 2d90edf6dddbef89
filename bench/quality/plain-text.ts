import type { Nodes as HtmlNode } from 'hast'
import { fromMarkdown } from 'mdast-util-from-markdown'
import { gfmFromMarkdown } from 'mdast-util-gfm'
import { gfm } from 'micromark-extension-gfm'
import { isElement } from '../../src/sources/extraction/html-tree.ts'
import { parsePiece } from '../../src/sources/extraction/parse-html.ts'

interface MarkdownNode {
  type: string
  value?: string
  children?: MarkdownNode[]
}

/** What a reader of the Markdown reads: no syntax, no addresses, no names of images. */
export function textOfMarkdown(markdown: string): string {
  const extensions = { extensions: [gfm()], mdastExtensions: gfmFromMarkdown() }
  const read = (node: MarkdownNode): string => {
    if (node.type === 'html') return ' '
    if (node.children) return node.children.map(read).join('') + (inline.has(node.type) ? '' : '\n')
    return `${node.value ?? ''}${node.type === 'break' || node.type === 'code' ? '\n' : ''}`
  }
  return read(fromMarkdown(markdown, extensions))
}

const inline = new Set(['emphasis', 'strong', 'delete', 'link', 'linkReference'])

/** The text of expected HTML, with a line for each block. */
export function textOfHtml(html: string): string {
  const read = (node: HtmlNode): string => {
    if (node.type === 'text') return node.value
    if (!('children' in node) || isElement(node, 'script', 'style', 'template')) return ''
    const text = node.children.map(read).join('')
    return isElement(node, ...running) ? text : `\n${text}\n`
  }
  return read(parsePiece(html))
}

const running = [
  'a',
  'abbr',
  'b',
  'cite',
  'code',
  'em',
  'font',
  'i',
  'kbd',
  'mark',
  'q',
  's',
].concat(['samp', 'small', 'span', 'strong', 'sub', 'sup', 'time', 'tt', 'u', 'var', 'wbr'])
