/** The numbers, from one, of all lines that belong to fenced code, fences included. */
export function codeLines(lines: readonly string[]): Set<number> {
  const numbers = new Set<number>()
  let fence: string | null = null
  for (const [index, line] of lines.entries()) {
    const marker = /^\s*(?:>\s*)*(`{3,}|~{3,})/.exec(line)?.[1]
    if (fence === null) {
      if (marker === undefined) continue
      fence = marker
      numbers.add(index + 1)
      continue
    }
    numbers.add(index + 1)
    if (marker?.startsWith(fence) && line.trim().endsWith(marker)) fence = null
  }
  return numbers
}
