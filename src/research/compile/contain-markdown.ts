import { visibleText } from '../../visible-text.ts'
import { imagesAsText } from './images-as-text.ts'

/**
 * Makes Markdown of others safe to stand inside a block of ours, so that it can neither end the block, nor
 * load anything, nor show a heading of our two levels, nor define a link or footnote that our own text would
 * then use.
 *
 * It keeps no list of attacks; it makes its own reading of the text the only possible one. Every code fence
 * is written anew at the left margin, where no list or quotation can hold it, and is closed at the end.
 * Outside of fences no `<` opens a tag (so no HTML block can swallow a fence), no `]:` defines anything,
 * images are their addresses, headings go down by two levels, and no line underlines the one above it. Code
 * keeps every character. One pass; the price is an `&lt;` or an address seen literally where a tag or an
 * image stood in inline code.
 */
export function containMarkdown(text: string): string {
  const steps = containInSteps(text)
  let step = steps.next()
  while (!step.done) step = steps.next()
  return step.value
}

const linesAStep = 1_000

/** The same with pauses: empty strings in between, where other work can have its turn. */
export function* containInSteps(text: string): Generator<'', string> {
  const out: string[] = []
  let fence: Fence | null = null
  let lines = 0
  for (const line of linesOf(visibleText(text))) {
    lines += 1
    if (lines % linesAStep === 0) yield ''
    if (fence) {
      const ends = closes(fence, line)
      out.push(ends ? fence.marker : withoutIndent(line, fence.indent))
      if (ends) fence = null
      continue
    }
    fence = openingFence(line)
    if (fence) out.push(fence.marker + fence.info)
    else pushProse(out, line)
  }
  if (fence) out.push(fence.marker)
  while (out.length > 0 && out.at(-1)?.trim() === '') out.pop()
  yield ''
  return out.join('\n')
}

/** One at a time: an array of millions of lines takes long by itself. */
function* linesOf(text: string): Generator<string> {
  let start = 0
  for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', start)) {
    yield text.slice(start, end)
    start = end + 1
  }
  yield text.slice(start)
}

/** Headings of ours have level one and two; those of others begin below. */
const levelsDown = 2

interface Fence {
  marker: string
  info: string
  indent: number
}

/** A fence at any depth of indentation counts: taking too much for code shows code, and hides nothing. */
function openingFence(line: string): Fence | null {
  const match = /^([ \t]*)(`{3,}|~{3,})(.*)$/.exec(line)
  const [, indent, marker, rest] = match ?? []
  if (indent === undefined || !marker || rest === undefined) return null
  if (marker.startsWith('`') && rest.includes('`')) return null
  return { marker, info: /^[\w+#.-]{1,40}/.exec(rest.trim())?.[0] ?? '', indent: indent.length }
}

function closes(fence: Fence, line: string): boolean {
  const text = line.trim()
  return (
    text.length >= fence.marker.length &&
    text.startsWith(fence.marker) &&
    text === fence.marker.charAt(0).repeat(text.length)
  )
}

function withoutIndent(line: string, indent: number): string {
  let from = 0
  while (from < indent && (line[from] === ' ' || line[from] === '\t')) from += 1
  return line.slice(from)
}

function pushProse(out: string[], line: string): void {
  const text = imagesAsText(line)
    .replace(/<(https?:\/\/[^\s<>]*>)|<(?=[A-Za-z/!?])/g, (_all, link?: string) =>
      link ? `<${link}` : '&lt;',
    )
    .replaceAll(']:', ']\\:')
  // A dash with nothing behind it underlines before it lists.
  const start = isUnderline(text.trimStart())
    ? text.length - text.trimStart().length
    : contentStart(text)
  const content = text.slice(start)
  const hashes = /^#{1,6}(?=[ \t]|$)/.exec(content)?.[0]
  if (hashes) {
    const level = Math.min(6, hashes.length + levelsDown)
    out.push(text.slice(0, start) + '#'.repeat(level) + content.slice(hashes.length))
  } else if (isUnderline(content)) {
    pushUnderline(out, text.slice(0, start), content)
  } else {
    out.push(text)
  }
}

const isUnderline = (text: string): boolean => /^(?:=+|-+)[ \t]*$/.test(text)

/** Where the text of a line begins behind its indentation, quotation marks and list markers. */
function contentStart(line: string): number {
  let at = 0
  for (;;) {
    while (line[at] === ' ' || line[at] === '\t') at += 1
    const marker = /^(?:>|[-+*](?=[ \t])|\d{1,9}[.)](?=[ \t]))/.exec(line.slice(at, at + 12))?.[0]
    if (!marker) return at
    at += marker.length
  }
}

/**
 * A line of `=` or `-` makes a heading of the paragraph above it. A plain one-line paragraph becomes such a
 * heading two levels down; otherwise an empty line in between takes the effect away.
 */
function pushUnderline(out: string[], prefix: string, content: string): void {
  // Behind a list marker of its own it begins a block and underlines nothing.
  if (/[-+*.)]/.test(prefix)) out.push(prefix + content)
  else if (prefix.includes('>')) out.push(`${prefix}\\${content}`)
  else if (prefix === '' && isOneLineParagraph(out)) {
    out.push(`${'#'.repeat((content.startsWith('=') ? 1 : 2) + levelsDown)} ${out.pop()}`)
  } else out.push('', prefix + content)
}

const isOneLineParagraph = (out: readonly string[]): boolean =>
  (out.at(-2) ?? '').trim() === '' && /^(?!\d{1,9}[.)])[\p{L}\p{N}"“(]/u.test(out.at(-1) ?? '')
