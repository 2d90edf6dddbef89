import type { Element, ElementContent, Root, Text } from 'hast'
import {
  attribute,
  element,
  findElement,
  findElements,
  isElement,
  lineOf,
  replaceElements,
} from '../html-tree.ts'

/** Elements of ours that become Markdown's reference to a footnote, and its definition. */
export const footnoteMark = 'nova-footnote-mark'
export const footnoteText = 'nova-footnote-text'

interface Note {
  label: string
  target: Element
}

const charactersMax = 4_000

/**
 * Raised marks that link to a note on the same page become footnotes, and the notes go to the end, where
 * their marks find them again. A mark whose note is not there stays the `[1]` that a reader sees.
 */
export function prepareFootnotes(root: Root, base: string): void {
  const targets = notesById(root)
  const notes = new Map<Element, Note>()
  const backIds = new Set<string>()
  const labels = new Set<string>()
  replaceElements(root, (node, parent) => {
    if (!isMark(node)) return undefined
    const link = isElement(node, 'a') ? node : findElement(node, (child) => isElement(child, 'a'))
    const target = link && targets.get(fragmentOf(attribute(link, 'href'), base))
    const shown = lineOf(node).replace(/^[[(]|[\])]$/g, '')
    if (!target || !/^[\w*†‡§]{1,12}$/u.test(shown) || contains(target, node)) return undefined
    const note = notes.get(target) ?? { label: labelFor(shown, labels), target }
    notes.set(target, note)
    for (const id of idsWithin(node)) backIds.add(id)
    if (isElement(parent) && attribute(parent, 'id')) backIds.add(attribute(parent, 'id'))
    return [element(footnoteMark, [], { dataLabel: note.label })]
  })
  if (notes.size === 0) return
  removeNotes(root, new Set(notes.keys()))
  for (const { label, target } of notes.values()) {
    root.children.push(
      element(footnoteText, noteContent(target, backIds, base), { dataLabel: label }),
    )
  }
}

const isMark = (node: Element): boolean =>
  isElement(node, 'sup') || (isElement(node, 'a') && attribute(node, 'role') === 'doc-noteref')

/** What may be a note, under every name it can be linked by: its own, or that of an anchor it begins with. */
function notesById(root: Root): Map<string, Element> {
  const found = new Map<string, Element>()
  const blocks = findElements(root, (node) => isElement(node, 'li', 'p', 'div', 'aside', 'dd'))
  for (const block of blocks) {
    const line = lineOf(block)
    if (line === '' || line.length > charactersMax) continue
    if (findElement(block, (child) => /^h[1-6]$|^table$/.test(child.tagName))) continue
    const anchor = findElement(block, (child) => child !== block && isElement(child))
    const names = [attribute(block, 'id'), anchor ? attribute(anchor, 'id') : '']
    if (isElement(anchor, 'a')) names.push(attribute(anchor, 'name'))
    for (const name of names) if (name !== '' && !found.has(name)) found.set(name, block)
  }
  return found
}

/** The part behind `#` of an address on this page, else ''. */
function fragmentOf(href: string, base: string): string {
  const [page = '', fragment = ''] = href.split('#', 2)
  if (page !== '' && page !== base.split('#', 1)[0]) return ''
  try {
    return decodeURIComponent(fragment)
  } catch {
    return fragment
  }
}

const contains = (outer: Element, inner: Element): boolean =>
  findElement(outer, (node) => node === inner) !== undefined

const idsWithin = (node: Element): string[] =>
  findElements(node, (child) => attribute(child, 'id') !== '').map((child) =>
    attribute(child, 'id'),
  )

/** Marks that repeat (every chapter counts from one) get a number behind them. */
function labelFor(shown: string, labels: Set<string>): string {
  const plain = /^[\w-]+$/.test(shown) ? shown : 'note'
  let label = plain
  for (let count = 2; labels.has(label.toLowerCase()); count += 1) label = `${plain}-${count}`
  labels.add(label.toLowerCase())
  return label
}

/** Takes the notes out of their lists, then what is left with nothing: lists, rules, the notes' heading. */
function removeNotes(parent: Root | Element, notes: ReadonlySet<Element>): boolean {
  const kept: ElementContent[] = []
  let removed = false
  for (const child of parent.children as ElementContent[]) {
    const isNote = isElement(child) && notes.has(child)
    const lost = isNote || (isElement(child) && removeNotes(child, notes))
    removed ||= lost
    if (lost && (isNote || isBare(child))) dropIntroduction(kept)
    else kept.push(child)
  }
  parent.children = kept
  return removed
}

const isSpace = (node: ElementContent | undefined): boolean =>
  node?.type === 'comment' || (node?.type === 'text' && node.value.trim() === '')

const isBare = (node: ElementContent): boolean =>
  isElement(node) && node.children.every((child) => isSpace(child) || isElement(child, 'hr'))

function dropIntroduction(kept: ElementContent[]): void {
  while (isSpace(kept.at(-1)) || isNotesHeading(kept.at(-1)) || isElement(kept.at(-1), 'hr')) {
    kept.pop()
  }
}

const isNotesHeading = (node: ElementContent | undefined): boolean =>
  isElement(node, 'h1', 'h2', 'h3', 'h4', 'h5', 'h6') &&
  /^(foot|end)?\s*notes?$|^references$/i.test(lineOf(node))

/** The note without its own number and without the ways back to its marks. */
function noteContent(
  note: Element,
  backIds: ReadonlySet<string>,
  base: string,
): Element['children'] {
  const isBack = (node: Element) =>
    isElement(node, 'a') &&
    (backIds.has(fragmentOf(attribute(node, 'href'), base)) ||
      attribute(node, 'role') === 'doc-backlink')
  replaceElements(note, (node) => (isBack(node) ? [] : undefined))
  const first = firstText(note)
  if (first) first.value = first.value.replace(/^\s*[[(]?\d{1,3}[\].):]+\s+/, '')
  const isBlock = note.children.some((child) => isElement(child, 'p', 'div', 'ul', 'ol', 'pre'))
  return isBlock ? note.children : [element('p', note.children)]
}

function firstText(node: Element): Text | undefined {
  for (const child of node.children) {
    if (child.type === 'text' && child.value.trim() !== '') return child
    const inner = isElement(child) ? firstText(child) : undefined
    if (inner) return inner
  }
  return undefined
}
