import type { InlineCode, Nodes, PhrasingContent, Root, Text } from 'mdast'

type Mark = Extract<PhrasingContent, { type: 'emphasis' | 'strong' | 'delete' }>

/**
 * Takes away marks that Markdown cannot write where they stand. `**Note:**text` closes nothing, so a writer
 * escapes the letters around it (`&#x74;ext`), and no quote of the source is found any more. Punctuation moves
 * out of the mark (`**Note**:text`); a mark that holds nothing else, or touches another one, goes. Its text stays.
 */
export function settlePhrasing(node: Root | Nodes, around: readonly string[] = []): void {
  if (!('children' in node)) return
  if (isLine(node)) trimEdges(node.children)
  const marks = isMark(node) ? [...around, node.type] : around
  if (!node.children.some((child) => isMark(child) || child.type === 'inlineCode')) {
    for (const child of node.children) settlePhrasing(child, marks)
    return
  }
  // Only phrasing holds marks and code, so what stands for one may stand here.
  const merged = mergeAlike(node.children as PhrasingContent[], marks)
  for (const child of merged) settlePhrasing(child, marks)
  const edge = isMark(node) ? markEdge : node.type === 'link' ? '[' : ' '
  const children = settled(merged, edge)
  if (isLine(node)) trimEdges(children)
  node.children = children as typeof node.children
}

type Line = Extract<Nodes, { type: 'paragraph' | 'heading' | 'tableCell' }>

const isLine = (node: Root | Nodes): node is Line =>
  node.type === 'paragraph' || node.type === 'heading' || node.type === 'tableCell'

/** White space and breaks at the ends of a line are none; a writer keeps them by their number. */
function trimEdges(children: PhrasingContent[]): void {
  for (let first = children[0]; first && trimmed(first, 'trimStart'); first = children[0]) {
    children.shift()
  }
  for (let last = children.at(-1); last && trimmed(last, 'trimEnd'); last = children.at(-1)) {
    children.pop()
  }
}

/** Trims a text on one side; whether nothing is left of it. */
function trimmed(node: PhrasingContent, trim: 'trimStart' | 'trimEnd'): boolean {
  if (node.type === 'break') return true
  if (node.type !== 'text') return false
  node.value = node.value[trim]()
  return node.value === ''
}

/**
 * `**a****b**` would be read as one mark with asterisks in it, and a mark says nothing more inside another
 * of its kind.
 */
function mergeAlike(
  children: readonly PhrasingContent[],
  marks: readonly string[],
): PhrasingContent[] {
  const out: PhrasingContent[] = []
  const rest = children.toReversed()
  for (let child = rest.pop(); child; child = rest.pop()) {
    const before = out.at(-1)
    if (isMark(child) && marks.includes(child.type)) {
      for (const inner of child.children.toReversed()) rest.push(inner)
    } else if (before && isMark(before) && before.type === child.type) {
      for (const inner of child.children) before.children.push(inner)
    } else if (child.type !== 'text' || child.value !== '') out.push(child)
  }
  return out
}

/** Each round sets one node, or takes a mark or a sign away and looks again from the node before it. */
function settled(children: readonly PhrasingContent[], edge: string): PhrasingContent[] {
  const out: PhrasingContent[] = []
  const rest = children.toReversed()
  for (let node = rest.pop(); node; node = rest.pop()) {
    const before = out.at(-1)
    const after = rest.at(-1)
    const instead = isMark(node) ? placed(node, before, after, edge) : undefined
    if (!instead) {
      if (node.type !== 'inlineCode') out.push(node)
      else addCode(out, node)
      continue
    }
    for (const piece of instead.toReversed()) rest.push(piece)
    if (before && isMark(before)) {
      out.pop()
      rest.push(before)
    }
  }
  return out
}

/** A mark over more than this draws a page and sets nothing off; each sign moved looks at all of them. */
const piecesMax = 500

/** Code beside code is one, since `` `a``b` `` would be; an empty line in it would end the paragraph. */
function addCode(out: PhrasingContent[], node: InlineCode): void {
  const value = node.value.replace(/\s*\n\s*/g, ' ')
  const before = out.at(-1)
  if (before?.type === 'inlineCode') before.value += value
  else if (value.trim() !== '') out.push({ ...node, value })
}

/** What a mark must become where it stands; undefined when it may stay as it is. */
function placed(
  mark: Mark,
  before: PhrasingContent | undefined,
  after: PhrasingContent | undefined,
  edge: string,
): PhrasingContent[] | undefined {
  const [first] = mark.children
  const last = mark.children.at(-1)
  if (!first || !last || mark.children.length > piecesMax) return mark.children
  if (before && isMark(before)) return mark.children
  const outside = [before ? lastSign(before) : edge, after ? firstSign(after) : edge] as const
  // Where two marks begin or end together the inner one is written with `_`, which letters turn into text.
  if (outside.includes(markEdge) && outside.some(isLetter)) return mark.children
  const start = sideOf(firstSign(first), outside[0])
  const end = sideOf(lastSign(last), outside[1])
  if (start === 'stays' && end === 'stays') return undefined
  const side = start === 'stays' ? last : first
  if (side.type !== 'break' && side.type !== 'text') return mark.children
  const isEnd = start === 'stays'
  const [moved, kept] = side.type === 'break' ? [side] : isEnd ? cutEnd(side) : cutStart(side)
  const left = mark.children.flatMap((child) => (child === side ? (kept ? [kept] : []) : [child]))
  // What stood inside has new neighbours.
  const inside = { ...mark, children: settled(left, markEdge) }
  return isEnd ? [inside, moved] : [moved, inside]
}

const text = (value: string): Text => ({ type: 'text', value })

function cutStart({ value }: Text): [Text, Text | undefined] {
  const moved = /^[\s\p{P}\p{S}]+/u.exec(value)?.[0] ?? ''
  return [text(moved), moved === value ? undefined : text(value.slice(moved.length))]
}

function cutEnd({ value }: Text): [Text, Text | undefined] {
  const kept = value.replace(/[\s\p{P}\p{S}]+$/u, '')
  return [text(value.slice(kept.length)), kept === '' ? undefined : text(kept)]
}

/** White space never stands at the inside of a mark, and punctuation not beside a letter outside. */
function sideOf(inside: string, outside: string): 'stays' | 'moves' {
  if (/\s/.test(inside)) return 'moves'
  return isPunctuation(inside) && isLetter(outside) ? 'moves' : 'stays'
}

/** What stands at the ends of what a mark holds. */
const markEdge = '*'

const isLetter = (sign: string): boolean => !/\s/.test(sign) && !isPunctuation(sign)

const isPunctuation = (sign: string): boolean => /[\p{P}\p{S}]/u.test(sign)

/** The writer looks at single code units, so half of an emoji counts for a letter here too. */
const firstSign = (node: PhrasingContent): string =>
  node.type === 'text' ? node.value.charAt(0) : '['

const lastSign = (node: PhrasingContent): string => {
  if (node.type === 'break') return ' '
  return node.type === 'text' ? node.value.charAt(node.value.length - 1) : ']'
}

const isMark = (node: Nodes): node is Mark =>
  node.type === 'emphasis' || node.type === 'strong' || node.type === 'delete'
