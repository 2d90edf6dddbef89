import { diff } from 'node:util'

const contextLines = 2
/** Lines that differ, of both texts. Comparing more takes seconds and gigabytes, so then all of them go and come. */
const comparedMax = 4000

type Step = { mark: ' ' | '-' | '+'; text: string }

/** What became other lines, as unified hunks without file names; empty when nothing did. */
export function unifiedDiff(before: string, after: string): string[] {
  const steps = stepsBetween(before.split('\n'), after.split('\n'))
  const near = steps.map((_, at) =>
    steps.slice(Math.max(0, at - contextLines), at + contextLines + 1).some(isChange),
  )
  const lines: string[] = []
  const place = { before: 1, after: 1 }
  for (const [at, { mark, text }] of steps.entries()) {
    if (near[at] && !near[at - 1]) lines.push(`@@ -${place.before} +${place.after} @@`)
    if (near[at]) lines.push(`${mark}${text}`)
    if (mark !== '+') place.before += 1
    if (mark !== '-') place.after += 1
  }
  return lines
}

const isChange = ({ mark }: Step): boolean => mark !== ' '

function stepsBetween(before: readonly string[], after: readonly string[]): Step[] {
  const shortest = Math.min(before.length, after.length)
  let start = 0
  while (start < shortest && before[start] === after[start]) start += 1
  let end = 0
  while (end < shortest - start && before.at(-1 - end) === after.at(-1 - end)) end += 1
  const gone = before.slice(start, before.length - end)
  const come = after.slice(start, after.length - end)
  const differing = gone.length + come.length
  const all = (mark: Step['mark']) => (text: string) => ({ mark, text })
  return [
    ...before.slice(0, start).map(all(' ')),
    ...(differing > 0 && differing <= comparedMax
      ? diff(gone, come).map(([sign, text]) => ({ mark: marks[sign], text }))
      : [...gone.map(all('-')), ...come.map(all('+'))]),
    ...before.slice(before.length - end).map(all(' ')),
  ]
}

const marks = { '-1': '+', '0': ' ', '1': '-' } as const
