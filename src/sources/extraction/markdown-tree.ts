import type { Root, RootContent } from 'mdast'
import remarkGfm from 'remark-gfm'
import remarkMath from 'remark-math'
import remarkStringify from 'remark-stringify'
import { type Processor, unified } from 'unified'
import { linkBareAddresses } from './bare-links.ts'
import { settlePhrasing } from './settle-phrasing.ts'

const writer = unified()
  .use(remarkGfm)
  .use(remarkMath)
  .use(withoutAutolinkEscapes)
  .use(remarkStringify, { bullet: '-', rule: '-', listItemIndent: 'one' })
  .freeze()

/** `a\@b.example` helps nobody: that a reader may make a link of it is what its author expects. */
function withoutAutolinkEscapes(this: Processor): void {
  const data = this.data()
  data.toMarkdownExtensions = (data.toMarkdownExtensions ?? []).map((extension) => ({
    ...extension,
    extensions: (extension.extensions ?? []).filter(
      ({ unsafe }) => !unsafe?.some(({ character }) => character === '@'),
    ),
  }))
}

/** Our one way of writing Markdown: what is text in the tree is escaped, so no source can forge structure. */
export function writeMarkdown(tree: Root): string {
  linkBareAddresses(tree)
  settlePhrasing(tree)
  return writer.stringify(tree)
}

export const markdownOf = (children: RootContent[]): string =>
  writeMarkdown({ type: 'root', children })
