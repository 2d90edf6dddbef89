import type { TextLine } from './text-item.ts'

/** Distance of two base lines in units of the line's size; a new page or column counts as close. */
export function gapBetween(above: TextLine, below: TextLine): number {
  const distance = above.y - below.y
  return above.page !== below.page || distance < 0 ? 1 : distance / (below.size || 1)
}
