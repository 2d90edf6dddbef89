import type { List, Paragraph, RootContent } from 'mdast'
import type { TextLine } from './text-item.ts'

/** Word sets its bullets in a private range of a symbol font, and its inner ones as the letter o. */
const bullet = /^(?:[•●○■□▪▫◦◆❖➢✓‣⁃∙·*–\uf0a7\uf0b7\uf0d8\uf0fc-]\s+|o\s{2,})/
const numbered = /^(?:\(?\d{1,3}[.)]|\[\d{1,3}\])\s+/
const ordinal = /^(\d{1,3})[.)]\s+/

/** Whether a line begins with the mark of a list's item. */
export const beginsItem = (text: string): boolean => bullet.test(text) || numbered.test(text)

/** The number of a numbered item; NaN where there is none. */
export const itemNumber = (text: string): number => Number(ordinal.exec(text)?.[1])

/**
 * Adds a paragraph, or a list's item when it begins with a mark. Numbers make a list only when they count
 * from one: a sentence may begin with any.
 */
export function addText(blocks: RootContent[], value: string, first: TextLine): void {
  if (bullet.test(value)) {
    addItem(blocks, value.replace(bullet, ''), { ordered: false, x: first.x, size: first.size })
    return
  }
  const number = itemNumber(value)
  if (countsOn(blocks, number)) {
    const text = value.replace(ordinal, '')
    addItem(blocks, text, { ordered: true, x: first.x, size: first.size })
  } else blocks.push(paragraph(value))
}

/** Whether a number is the next of a list that is still open, or begins one. */
function countsOn(blocks: readonly RootContent[], number: number): boolean {
  const last = blocks.at(-1)
  if (last?.type !== 'list') return number === 1
  const isNext = last.ordered === true && last.children.length + 1 === number
  return isNext || countsOn(last.children.at(-1)?.children ?? [], number)
}

interface Mark {
  ordered: boolean
  x: number
  size: number
}

/** Where the marks of a list stand; an item that stands further in belongs to the one above it. */
const indents = new WeakMap<List, number>()

function addItem(blocks: RootContent[], value: string, mark: Mark): void {
  const last = blocks.at(-1)
  if (last?.type === 'list') {
    const item = last.children.at(-1)
    const isInner = mark.x > (indents.get(last) ?? mark.x) + mark.size * 0.8
    if (item && isInner) {
      addItem(item.children, value, mark)
      return
    }
    if (last.ordered === mark.ordered) {
      last.children.push(listItem(value))
      return
    }
  }
  const list: List = {
    type: 'list',
    ordered: mark.ordered,
    spread: false,
    children: [listItem(value)],
  }
  indents.set(list, mark.x)
  blocks.push(list)
}

const listItem = (value: string): List['children'][number] => ({
  type: 'listItem',
  spread: false,
  children: [paragraph(value)],
})

export const paragraph = (value: string): Paragraph => ({
  type: 'paragraph',
  children: [{ type: 'text', value }],
})
