import { fromMarkdown } from 'mdast-util-from-markdown'
import { gfmFromMarkdown } from 'mdast-util-gfm'
import { gfm } from 'micromark-extension-gfm'
import { linksInHtml } from './html-links.ts'
import { literalUrlsIn } from './literal-urls.ts'
import { localFileName, localFileOfLink, localFilesInWords } from './local-file-reference.ts'

/** One thing a Markdown text names, at an offset of that text. */
export type Find =
  | { kind: 'link' | 'code-link'; url: string; offset: number }
  | { kind: 'reference' | 'image-reference'; identifier: string; offset: number }
  | { kind: 'definition'; identifier: string; url: string; offset: number }
  | { kind: 'file'; name: string; isLink: boolean; offset: number }

/** The part of an mdast node that is read here. */
interface Node {
  type: string
  url?: string
  value?: string
  identifier?: string
  children?: Node[]
  position?:
    | { start: { offset?: number | undefined }; end: { offset?: number | undefined } }
    | undefined
}

// Emphasis cannot hide or make a link, and pairing its markers is what takes quadratic time.
const syntax = [gfm({ singleTilde: false }), { disable: { null: ['attention', 'strikethrough'] } }]
// The package's own search for addresses in text nodes is quadratic; literalUrlsIn replaces it.
const tree = gfmFromMarkdown().map(({ transforms: _transforms, ...extension }) => extension)

/** Everything a piece of Markdown names, in its order, by CommonMark and GFM. */
export function findsInMarkdown(markdown: string): Find[] {
  const root: Node = fromMarkdown(markdown, { extensions: syntax, mdastExtensions: tree })
  const finds: Find[] = []
  // A stack instead of recursion: the depth of nesting is the author's.
  const pending: { node: Node; inList: boolean }[] = [{ node: root, inList: false }]
  for (let next = pending.pop(); next; next = pending.pop()) {
    const { node } = next
    visit(node, next.inList, markdown, finds)
    if (node.type === 'link' || node.type === 'linkReference' || !node.children) continue
    const inList = next.inList || node.type === 'listItem'
    for (const child of node.children.toReversed()) pending.push({ node: child, inList })
  }
  return finds
}

function visit(node: Node, inList: boolean, markdown: string, finds: Find[]): void {
  const offset = node.position?.start.offset ?? 0
  const { value = '', url = '', identifier = '' } = node
  switch (node.type) {
    case 'link':
      // The tokenizer reads on behind a bracket that no address may follow: `<http://e.com/a b>`.
      if (markdown[offset - 1] === '<' && markdown[offset] !== '<') break
      // A bare address: the tokenizer ends it by marks of ASCII only.
      if (!/[[<]/.test(markdown.charAt(offset))) {
        const end = node.position?.end.offset ?? offset
        for (const literal of literalUrlsIn(markdown.slice(offset, end))) {
          finds.push({ kind: 'link', url: literal.url, offset: offset + literal.index })
        }
        break
      }
      finds.push({ kind: 'link', url, offset })
      pushFiles([localFileOfLink(url)], offset, finds, true)
      break
    case 'linkReference':
      finds.push({ kind: 'reference', identifier, offset })
      break
    case 'imageReference':
      finds.push({ kind: 'image-reference', identifier, offset })
      break
    case 'definition':
      finds.push({ kind: 'definition', identifier, url, offset })
      break
    case 'html': {
      const html = linksInHtml(value)
      for (const link of html.links) finds.push({ kind: 'link', url: link, offset })
      pushLiterals('code-link', html.text, offset, finds)
      break
    }
    case 'inlineCode':
      pushFiles([localFileName(value)], offset, finds)
      pushLiterals('code-link', wholeAddress(value), offset, finds)
      break
    case 'code':
      pushLiterals('code-link', value, offset, finds)
      break
    case 'text':
      pushUnlinked(node, markdown, finds)
      if (inList) pushFiles(localFilesInWords(value), offset, finds)
      break
    default:
  }
}

/** After an unclosed `[` the tokenizer leaves addresses as text, though GitHub links them. */
function pushUnlinked(node: Node, markdown: string, finds: Find[]): void {
  const { start, end } = node.position ?? {}
  const source = markdown.slice(start?.offset ?? 0, end?.offset ?? 0)
  let from = 0
  for (const { url } of literalUrlsIn(node.value ?? '')) {
    const at = source.indexOf(url.replace(/^http:\/\/(?=www\.)/i, ''), from)
    // Escapes and entities are how an author says "not a link".
    if (at < 0) continue
    finds.push({ kind: 'link', url, offset: (start?.offset ?? 0) + at })
    from = at + 1
  }
}

/** In a line of text, code that is more than an address is about addresses. */
const wholeAddress = (code: string): string => (/^\s*[^\s<>]+\s*$/.test(code) ? code : '')

function pushLiterals(kind: 'link' | 'code-link', text: string, offset: number, finds: Find[]) {
  for (const { url } of literalUrlsIn(text)) finds.push({ kind, url, offset })
}

function pushFiles(
  names: readonly (string | null)[],
  offset: number,
  finds: Find[],
  isLink = false,
): void {
  for (const name of names) if (name !== null) finds.push({ kind: 'file', name, isLink, offset })
}
