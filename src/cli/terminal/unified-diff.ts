const contextLines = 2
/** Cells of the table of common lines; beyond it the differing middle shows as one exchange. */
const tableMax = 4_000_000

type Step = { mark: ' ' | '-' | '+'; text: string; before: number; after: number }

/** What became other lines, as unified hunks without file names; empty when nothing did. */
export function unifiedDiff(before: string, after: string): string[] {
  const steps = stepsBetween(before.split('\n'), after.split('\n'))
  const near = steps.map((_, at) =>
    steps.slice(Math.max(0, at - contextLines), at + contextLines + 1).some(isChange),
  )
  const lines: string[] = []
  for (const [at, step] of steps.entries()) {
    if (!near[at]) continue
    if (!near[at - 1]) lines.push(`@@ -${step.before + 1} +${step.after + 1} @@`)
    lines.push(`${step.mark}${step.text}`)
  }
  return lines
}

const isChange = ({ mark }: Step): boolean => mark !== ' '

function stepsBetween(before: readonly string[], after: readonly string[]): Step[] {
  let start = 0
  const shortest = Math.min(before.length, after.length)
  while (start < shortest && before[start] === after[start]) start += 1
  let end = 0
  while (end < shortest - start && before.at(-1 - end) === after.at(-1 - end)) end += 1
  const steps: Step[] = []
  const place = { before: 0, after: 0 }
  const push = (mark: Step['mark'], text: string) => {
    steps.push({ mark, text, ...place })
    if (mark !== '+') place.before += 1
    if (mark !== '-') place.after += 1
  }
  for (const text of before.slice(0, start)) push(' ', text)
  middle(before.slice(start, before.length - end), after.slice(start, after.length - end), push)
  for (const text of before.slice(before.length - end)) push(' ', text)
  return steps
}

/** The longest common lines stay; what is between them goes and comes. */
function middle(
  before: readonly string[],
  after: readonly string[],
  push: (mark: Step['mark'], text: string) => void,
): void {
  const width = after.length + 1
  const isSmall = (before.length + 1) * width <= tableMax
  const common = isSmall ? commonLengths(before, after, width) : null
  let at = 0
  let to = 0
  while (at < before.length || to < after.length) {
    const [left, right] = [before[at], after[to]]
    if (left !== undefined && left === right) {
      push(' ', left)
      at += 1
      to += 1
      continue
    }
    const goes = (common?.[(at + 1) * width + to] ?? 0) >= (common?.[at * width + to + 1] ?? 0)
    if (left !== undefined && (right === undefined || goes)) {
      push('-', left)
      at += 1
    } else if (right !== undefined) {
      push('+', right)
      to += 1
    }
  }
}

/** How many lines from here on can be kept, for every pair of places. */
function commonLengths(before: readonly string[], after: readonly string[], width: number) {
  const lengths = new Uint32Array((before.length + 1) * width)
  for (let at = before.length - 1; at >= 0; at--) {
    for (let to = after.length - 1; to >= 0; to--) {
      lengths[at * width + to] =
        before[at] === after[to]
          ? (lengths[(at + 1) * width + to + 1] ?? 0) + 1
          : Math.max(lengths[(at + 1) * width + to] ?? 0, lengths[at * width + to + 1] ?? 0)
    }
  }
  return lengths
}
