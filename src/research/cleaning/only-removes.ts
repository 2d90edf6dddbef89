/**
 * Whether `cleaned` could have been made from `original` by removing lines alone: each of its lines, spaces
 * aside, occurs in the original, in the same order. One pass over both.
 */
export function onlyRemoves(original: string, cleaned: string): boolean {
  const wanted = cleaned.split('\n').map(spaceless).filter(Boolean)
  let next = 0
  for (const line of original.split('\n')) {
    if (next === wanted.length) break
    if (spaceless(line) === wanted[next]) next += 1
  }
  return next === wanted.length
}

const spaceless = (line: string): string => line.replace(/\s+/g, ' ').trim()
