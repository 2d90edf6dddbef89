import type { Root, RootContent } from 'mdast'
import remarkGfm from 'remark-gfm'
import remarkMath from 'remark-math'
import remarkStringify from 'remark-stringify'
import { unified } from 'unified'

const writer = unified()
  .use(remarkGfm)
  .use(remarkMath)
  .use(remarkStringify, { bullet: '-', rule: '-', listItemIndent: 'one', resourceLink: true })
  .freeze()

/** Our one way of writing Markdown: what is text in the tree is escaped, so no source can forge structure. */
export const writeMarkdown = (tree: Root): string => writer.stringify(tree)

export const markdownOf = (children: RootContent[]): string =>
  writeMarkdown({ type: 'root', children })
