import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { linksInGuideline } from '../../../src/sources/guideline/guideline-links.ts'
import { plainLine, sourceMark } from '../../../src/sources/guideline/plain-line.ts'

const urls = (markdown: string) => linksInGuideline(markdown).links.map((link) => link.url)

/** What is written, and the addresses that its writer meant. */
const rows: readonly (readonly [string, string, readonly string[]])[] = [
  [
    'marks of Chinese writing',
    '见：https://e.com/a。再看 https://e.com/b，以及（https://e.com/c）、「https://e.com/d」；【https://e.com/e】',
    ['https://e.com/a', 'https://e.com/b', 'https://e.com/c', 'https://e.com/d', 'https://e.com/e'],
  ],
  [
    'words of Chinese, Japanese and Korean without a space',
    '看https://e.com/a然后看https://e.com/bを参照し、https://e.com에서 보세요',
    ['https://e.com/a', 'https://e.com/b', 'https://e.com'],
  ],
  [
    'names in the script of a wiki',
    'https://zh.wikipedia.org/wiki/C语言 https://e.com/東京/tower塔',
    [
      `https://zh.wikipedia.org/wiki/C${encodeURIComponent('语言')}`,
      `https://e.com/${encodeURIComponent('東京')}/tower${encodeURIComponent('塔')}`,
    ],
  ],
  ['a host of two scripts', 'https://abc日本.jp/x', ['https://xn--abc-v08fl0d.jp/x']],
  [
    'curly quotes, guillemets, dashes and ellipses',
    '“https://e.com/a” ‘https://e.com/b’, «https://e.com/c» „https://e.com/d“ https://e.com/e—which https://e.com/f…',
    [
      'https://e.com/a',
      'https://e.com/b',
      'https://e.com/c',
      'https://e.com/d',
      'https://e.com/e',
      'https://e.com/f',
    ],
  ],
  [
    'an apostrophe within and the genitive of a host',
    'https://e.com/wiki/Bell’s_theorem and https://f.com’s pages',
    ['https://e.com/wiki/Bell%E2%80%99s_theorem', 'https://f.com'],
  ],
  [
    'marks of Arabic and Hindi',
    'انظر https://e.com/a، ثم https://e.com/b؟ देखें https://e.com/c।',
    ['https://e.com/a', 'https://e.com/b', 'https://e.com/c'],
  ],
  [
    'several in one run',
    'https://e.com/a,https://e.com/b;https://e.com/c ["https://e.com/d","https://e.com/e"]',
    ['https://e.com/a', 'https://e.com/b', 'https://e.com/c', 'https://e.com/d', 'https://e.com/e'],
  ],
  [
    'an address within an address',
    'https://archive.example/2020/https://e.com/x',
    ['https://archive.example/2020/https://e.com/x'],
  ],
  [
    'attributes without quotes and with typographic ones',
    '<a href=https://e.com/?a=1>a</a> <a href=https://e.com/b>b</a>\n\n<p><a href=“https://e.com/c”>c</a></p>',
    ['https://e.com/?a=1', 'https://e.com/b', 'https://e.com/c'],
  ],
  ['a title in typographic quotes', '[a](https://e.com/x “title”)', ['https://e.com/x']],
  [
    'arrows and emoji',
    'https://e.com/a👉https://e.com/b→https://e.com/c✅',
    ['https://e.com/a', 'https://e.com/b', 'https://e.com/c'],
  ],
  ['www without a space', '请看www.e.com/a。', ['http://www.e.com/a']],
]

describe('bare addresses beside other scripts and typography', () => {
  for (const [name, markdown, expected] of rows) {
    it(name, () => assert.deepEqual(urls(markdown), expected))
  }

  const neighbour = fc.constantFrom(...'。，、；：！？（）「」『』【】《》“”«»…—\u3000\n ')
  const path = fc.string({ unit: fc.constantFrom(...'abz019-/%._~='), maxLength: 20 })

  it('any address ends where any mark of these begins', () => {
    fc.assert(
      fc.property(neighbour, path, neighbour, (before, tail, after) => {
        const url = `https://e.com/${tail.replaceAll('%', '%20')}x`
        assert.deepEqual(urls(`说${before}${url}${after}说`), [url])
      }),
    )
  })

  it('no text has an address with a character that nobody sees', () => {
    const unit = fc.constantFrom(
      ...'abc./:?&=#”。 \u200b\u200c\u200d\u2060\ufeff\u00ad\u202e\u{e0041}',
    )
    fc.assert(
      fc.property(fc.string({ unit, maxLength: 40 }), (text) => {
        for (const url of urls(`https://e.com/${text} [x](https://e.com/${text})`)) {
          assert.match(url, /^[\x21-\x7e]+$/)
          assert.doesNotMatch(url, /%E2%80%(?:8[B-F]|AE)|%EF%BB%BF|%C2%AD/)
        }
      }),
    )
  })

  it('the words behind an address stay in a line without its sources', () => {
    assert.equal(plainLine('缓存（https://e.com/a）的失效。'), `缓存（${sourceMark}）的失效。`)
  })
})
