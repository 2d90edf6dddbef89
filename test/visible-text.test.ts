import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import {
  clipGraphemes,
  visibleJson,
  visibleLine,
  visibleText,
  visibleValue,
} from '../src/visible-text.ts'
import { legitimate, smuggled, unseenIn } from './support/unseen.ts'

const anyText = fc.array(
  fc.oneof(
    fc.constantFrom(...legitimate, ...smuggled, ...smuggled.flatMap((text) => [...text])),
    fc.string({ unit: 'binary', maxLength: 3 }),
    fc.constantFrom('a', ' ', '\n', '\r', '\u2028', '😀', '1', 'م', 'क', '日'),
  ),
  { maxLength: 30 },
)

describe('text of others', () => {
  for (const text of legitimate) {
    it(`keeps ${text}`, () => {
      for (const around of [text, `a ${text} b`, `(${text})`, text.repeat(2)]) {
        assert.equal(visibleText(around), around)
        assert.equal(visibleLine(around), around)
      }
    })
  }

  for (const text of smuggled) {
    it(`loses what nobody sees of ${JSON.stringify(text).slice(0, 40)}`, () => {
      assert.deepEqual(unseenIn(visibleText(`a${text}b`)), [])
      assert.deepEqual(unseenIn(visibleLine(`a${text}b`)), [])
      assert.equal(unseenIn(`a${text}b`).length > 0, true)
    })
  }

  it('says in tag characters no more than which flag it is', () => {
    const [, , , , , , , , flag = ''] = legitimate
    assert.equal(visibleText(flag + flag.slice(2)), flag)
    assert.equal(visibleText(`x${flag.slice(2)}`), 'x')
  })

  it('is done after once, whatever it is', () => {
    fc.assert(
      fc.property(anyText, (parts) => {
        const once = visibleText(parts.join(''))
        assert.equal(visibleText(once), once)
        assert.ok(once.isWellFormed())
        const line = visibleLine(parts.join(''), 20)
        assert.equal(visibleLine(line, 20), line)
        assert.ok(line.length <= 20 && !/[\n\t]/.test(line))
      }),
      { numRuns: 2_000 },
    )
  })

  it('keeps no joiner after a letter that goes', () => {
    assert.equal(visibleText('\u115f\u200c\u0645'), '\u0645')
  })

  it('keeps lines and tabs, with one kind of line end', () => {
    assert.equal(visibleText('a\r\nb\rc\u2028d\u0085e\tf\v'), 'a\nb\nc\nd\ne\tf\n')
    assert.equal(visibleLine(' a\r\nb\tc\u0000d\u00a0 \u3000e '), 'a b c d e')
  })

  it('is cut between what a reader takes for characters', () => {
    for (const whole of [...legitimate, 'e\u0301', '각']) {
      for (let max = 1; max < 12 + whole.length; max += 1) {
        const cut = clipGraphemes(`123456${whole}789`, max)
        const parts = [...new Intl.Segmenter('fa').segment(`123456${whole}789`)]
        const ends = parts.map(({ segment, index }) => index + segment.length)
        assert.ok(cut === '' || ends.includes(cut.length), `${whole} at ${max}`)
        assert.ok(cut.length <= max)
      }
    }
    assert.equal(visibleLine('12345👨‍👩‍👧‍👦 more', 9), '12345…')
    assert.equal(visibleLine('a PDF\u200cها', 7), 'a PDF…')
    assert.equal(visibleLine('12345', 5), '12345')
    assert.equal(visibleLine(`e${'\u0301'.repeat(5_000)}`, 10).length, 10)
  })

  it('stays the same for a program that reads it as JSON, and is seen by a person', () => {
    const value = { [`name${smuggled[0]}`]: [...smuggled, ...legitimate] }
    const json = visibleJson(JSON.stringify(value))
    assert.deepEqual(unseenIn(json), [])
    assert.deepEqual(JSON.parse(json), value)
  })

  it('is visible in every string of a value, names of fields included', () => {
    const value = { [`a${smuggled[0]}`]: [`b${smuggled[2]}`, 1, null, { c: `d${smuggled[3]}` }] }
    assert.deepEqual(unseenIn(JSON.stringify(visibleValue(value))), [])
    assert.deepEqual(visibleValue({ a: new Date(0) }), { a: new Date(0) })
  })
})
