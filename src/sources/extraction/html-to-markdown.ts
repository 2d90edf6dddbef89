import type { Root } from 'hast'
import type { Break, FootnoteDefinition, FootnoteReference, Html } from 'mdast'
import rehypeRemark, { type Options } from 'rehype-remark'
import { unified } from 'unified'
import { attribute, textOf } from './html-tree.ts'
import { limitDepth } from './limit-depth.ts'
import { writeMarkdown } from './markdown-tree.ts'
import { parsePiece } from './parse-html.ts'
import { settleBlocksInLines } from './prepare/blocks-in-lines.ts'
import { standardiseCode } from './prepare/code.ts'
import { prepareEmphasis } from './prepare/emphasis.ts'
import { footnoteMark, footnoteText, prepareFootnotes } from './prepare/footnotes.ts'
import { prepareImages, revealLazyImages } from './prepare/images.ts'
import { separateLabels } from './prepare/labels.ts'
import { prepareLinks } from './prepare/links.ts'
import { settleLists } from './prepare/lists.ts'
import { standardiseMath } from './prepare/math.ts'
import { liftDisplayMath } from './prepare/math-blocks.ts'
import { prepareSmallParts } from './prepare/small-parts.ts'
import { prepareTables } from './prepare/tables.ts'

const handlers: NonNullable<Options['handlers']> = {
  math(_state, node) {
    const value = attribute(node, 'dataLatex') || textOf(node)
    if (attribute(node, 'display') === 'block') return { type: 'math', value, meta: null }
    return { type: 'inlineMath', value: value.replace(/\s+/g, ' ').trim() }
  },
  [footnoteMark](_state, node): FootnoteReference {
    const label = attribute(node, 'dataLabel')
    return { type: 'footnoteReference', identifier: label.toLowerCase(), label }
  },
  [footnoteText](state, node): FootnoteDefinition {
    const label = attribute(node, 'dataLabel')
    const children = state.toFlow(state.all(node)) as FootnoteDefinition['children']
    return { type: 'footnoteDefinition', identifier: label.toLowerCase(), label, children }
  },
  br(state): Break | Html {
    // The only HTML we ever write: a table cell has no other line break.
    return state.inTable ? { type: 'html', value: '<br>' } : { type: 'break' }
  },
}

const toMarkdownTree = unified().use(rehypeRemark, { handlers, newlines: false }).freeze()

/** HTML as CommonMark with tables, task lists, footnotes and math; addresses become absolute against `base`. */
export function htmlToMarkdown(html: string, base: string): string {
  const tree = parsePiece(html)
  limitDepth(tree)
  return treeToMarkdown(tree, base)
}

/** The same of a tree, which it changes. */
export function treeToMarkdown(tree: Root, base: string): string {
  prepareTree(tree, base)
  return writeMarkdown(toMarkdownTree.runSync(tree))
}

/** The order matters: code and math first, while their markup is whole; tables last, when cells are clean. */
function prepareTree(root: Root, base: string): void {
  standardiseMath(root)
  liftDisplayMath(root)
  standardiseCode(root)
  revealLazyImages(root)
  prepareImages(root, base)
  prepareFootnotes(root, base)
  prepareLinks(root, base)
  prepareSmallParts(root, base)
  settleBlocksInLines(root)
  settleLists(root)
  separateLabels(root)
  prepareEmphasis(root)
  prepareTables(root)
}
