import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from 'fast-check'
import { fromMarkdown } from 'mdast-util-from-markdown'
import { findsInMarkdown } from '../../../src/sources/guideline/markdown-finds.ts'
import { markdownSegments } from '../../../src/sources/guideline/markdown-segments.ts'

const pieces = [
  '- ',
  '1. ',
  '10) ',
  '* ',
  '   ',
  '  ',
  ' ',
  '    ',
  '\t',
  '```\n',
  '~~~\n',
  '```js\n',
  '\n',
  '\n\n',
  '[a](http://a.example/1)',
  'http://b.example/2',
  '<http://c.example/3>',
  '`http://d.example`',
  '> ',
  '# h\n',
  '<div>\n',
  '<!--',
  '-->',
  '<pre>\n',
  '</pre>\n',
  'text',
  '| x | y |\n|---|---|\n',
  '***\n',
  '---\n',
  '===\n',
  '[^1]: ',
  '<a href="http://e.example">',
  '"x"',
  '\\',
  'word ',
  'more\n',
  '[',
  ']',
  '](http://f.example ',
  '"t")',
  '`',
  'http://g.example/`',
  '<b>',
  '<i title="',
  '|',
  '(x)',
]

const named = (text: string, start = 0) =>
  findsInMarkdown(text).map((find) => ({ ...find, offset: find.offset + start }))

// The seed is fixed so that a rare disagreement of micromark with itself fails no unrelated change;
// when the cuts change, run it with many other seeds.
it('a text parsed in parts names what the whole names, where it names it', () => {
  const texts = fc.array(fc.constantFrom(...pieces), { maxLength: 40 }).map((list) => list.join(''))
  fc.assert(
    fc.property(texts, (text) => {
      const parts = markdownSegments(text, 1).flatMap(({ start, end }) =>
        named(text.slice(start, end), start),
      )
      assert.deepEqual(parts, named(text))
    }),
    { numRuns: 2000, seed: 1 },
  )
})

it('a fence in indented code opens no code span, and what stands after it is not cut', () => {
  const text = '    ```js\n](http://f.example ```js\nhttp://b.example/2```\n'
  const parts = markdownSegments(text, 1).flatMap(({ start, end }) =>
    named(text.slice(start, end), start),
  )
  assert.deepEqual(parts, named(text))
  assert.deepEqual(
    parts.map((find) => 'url' in find && find.url),
    ['http://f.example'],
  )
})

it('parts cover the text without gap', () => {
  const text = 'a\n\nb\n\n```\nc\n\nd\n```\n\ne\n- f\n- g\n'
  const parts = markdownSegments(text, 1).map(({ start, end }) => text.slice(start, end))
  assert.deepEqual(parts, ['a\n\n', 'b\n\n', '```\nc\n\nd\n```\n', '\n', 'e\n', '- f\n', '- g\n'])
})

it('a part that is called a fence is one code block', () => {
  const texts = fc.array(fc.constantFrom(...pieces), { maxLength: 40 }).map((list) => list.join(''))
  fc.assert(
    fc.property(texts, (text) => {
      for (const { start, end, isFence } of markdownSegments(text, 1)) {
        if (!isFence) continue
        const { children } = fromMarkdown(text.slice(start, end))
        assert.deepEqual(
          children.map((node) => node.type),
          ['code'],
        )
      }
    }),
    { numRuns: 2000, seed: 1 },
  )
})

const longest = (text: string) =>
  Math.max(...markdownSegments(text, 3_000).map(({ start, end }) => end - start))

it('parts stay short in prose without empty lines, wrapped or in one line', () => {
  const prose = 'Events are kept, see [the log](https://a.example/log "The log") and `append`, '
  assert.ok(longest(`${prose}\nor <https://b.example/>, or not at all\n`.repeat(2_000)) < 3_500)
  assert.ok(longest(prose.repeat(2_000)) < 3_500)
})

it('an open bracket, code span or tag is not cut', () => {
  for (const opened of ['[', '`', '<a href="', '[a](http://a.example "', '``a`']) {
    const text = `${opened}${'and so on '.repeat(500)}\nand on`
    assert.equal(markdownSegments(text, 100).length, 1, opened)
  }
})
