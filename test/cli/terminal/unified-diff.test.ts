import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { unifiedDiff } from '../../../src/cli/terminal/unified-diff.ts'

describe('a unified diff', () => {
  it('shows what went and what came with two lines around it', () => {
    const before = 'a\nb\nc\nd\ne\nf\ng'
    assert.deepEqual(unifiedDiff(before, before.replace('d', 'D\nD2')), [
      '@@ -2 +2 @@',
      ' b',
      ' c',
      '-d',
      '+D',
      '+D2',
      ' e',
      ' f',
    ])
    assert.deepEqual(unifiedDiff(before, before), [])
  })

  it('keeps hunks apart that are far apart', () => {
    const before = Array.from({ length: 20 }, (_, n) => `${n}`)
    const after = before.with(2, 'x').with(16, 'y')
    const hunks = unifiedDiff(before.join('\n'), after.join('\n')).filter((l) => l.startsWith('@'))
    assert.deepEqual(hunks, ['@@ -1 +1 @@', '@@ -15 +15 @@'])
  })

  it('gives the new text when it is applied, and keeps as many lines as can be kept', () => {
    const text = fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 12 })
    fc.assert(
      fc.property(text, text, (before, after) => {
        const lines = unifiedDiff(before.join('\n'), after.join('\n'))
        assert.deepEqual(applied(before, lines), after)
        const gone = lines.filter((line) => line.startsWith('-')).length
        assert.equal(before.length - gone, keepable(before, after))
        if (before.join() === after.join()) assert.deepEqual(lines, [])
      }),
    )
  })

  it('exchanges the middle of texts with thousands of different lines', () => {
    const lines = (mark: string) => Array.from({ length: 3000 }, (_, n) => `${mark}${n}`)
    const before = ['same', ...lines('a'), 'end']
    const after = ['same', ...lines('b'), 'end']
    const found = unifiedDiff(before.join('\n'), after.join('\n'))
    assert.deepEqual(applied(before, found), after)
    assert.equal(found.length, 1 + 1 + 6000 + 1)
  })
})

/** The text after the hunks, which say where they begin. */
function applied(before: readonly string[], hunks: readonly string[]): string[] {
  const text: string[] = []
  let at = 0
  for (const line of hunks) {
    const [, start] = /^@@ -(\d+) /.exec(line) ?? []
    if (start !== undefined) {
      text.push(...before.slice(at, Number(start) - 1))
      at = Number(start) - 1
      continue
    }
    if (!line.startsWith('+')) assert.equal(line.slice(1), before[at++])
    if (!line.startsWith('-')) text.push(line.slice(1))
  }
  return [...text, ...before.slice(at)]
}

/** The length of the longest common subsequence. */
const keepable = ([first, ...before]: readonly string[], after: readonly string[]): number => {
  if (first === undefined) return 0
  const without = keepable(before, after)
  const at = after.indexOf(first)
  return at < 0 ? without : Math.max(without, 1 + keepable(before, after.slice(at + 1)))
}
