import type { TextLine } from './text-item.ts'

/** Distance of two base lines in units of the line's size; a new page or column counts as close. */
export function gapBetween(above: TextLine, below: TextLine): number {
  const distance = above.y - below.y
  return above.page !== below.page || distance < 0 ? 1 : distance / (below.size || 1)
}

/** A word broken at the end of a line is one word again; a hyphen before a capital belongs there. */
export function joinLines(before: string, line: string): string {
  if (before === '') return line
  if (/\p{Ll}[-\u2010]$/u.test(before) && /^\p{Ll}/u.test(line)) return before.slice(0, -1) + line
  return `${before} ${line}`
}
