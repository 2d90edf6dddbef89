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

  it('gives the new text when it is applied, and the shorter of the ways there', () => {
    const text = fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 12 })
    fc.assert(
      fc.property(text, text, (before, after) => {
        const lines = unifiedDiff(before.join('\n'), after.join('\n'))
        const count = (mark: string) => lines.filter((line) => line.startsWith(mark)).length
        assert.equal(
          Math.max(1, before.length) - count('-') + count('+'),
          Math.max(1, after.length),
        )
        if (before.join() === after.join()) assert.deepEqual(lines, [])
      }),
    )
  })
})
