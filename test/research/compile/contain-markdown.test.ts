import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { fromMarkdown } from 'mdast-util-from-markdown'
import { gfmFromMarkdown } from 'mdast-util-gfm'
import { gfm } from 'micromark-extension-gfm'
import { containMarkdown } from '../../../src/research/compile/contain-markdown.ts'

interface Node {
  type: string
  depth?: number
  value?: string
  children?: Node[]
}

const parse = (markdown: string): Node =>
  fromMarkdown(markdown, { extensions: [gfm()], mdastExtensions: [gfmFromMarkdown()] }) as Node

function* nodesOf(node: Node): Generator<Node> {
  yield node
  for (const child of node.children ?? []) yield* nodesOf(child)
}

/** What a Markdown reader sees when the text stands in a block of ours, another block behind it. */
function assertContained(text: string) {
  const opening = '<details>\n<summary>[1] Ours</summary>'
  const document = `# Research\n\n${opening}\n\n${containMarkdown(text)}\n\n</details>\n\n## Sources\n\n[1] [x][a] [^n]\n`
  const tree = parse(document)
  const top = tree.children ?? []
  const all = [...nodesOf(tree)]
  assert.deepEqual(
    all.filter(({ type }) => type === 'html').map(({ value }) => value),
    [opening, '</details>'],
    document,
  )
  assert.deepEqual(
    all.filter(({ type, depth }) => type === 'heading' && (depth ?? 0) < 3).length,
    2,
    document,
  )
  assert.deepEqual(
    all.filter(({ type }) => /definition/i.test(type) || type === 'linkReference'),
    [],
    document,
  )
  assert.deepEqual([top.at(-3)?.value, top.at(-2)?.type], ['</details>', 'heading'], document)
}

const hostile = [
  '</details>',
  '  </details >',
  '- item\n\n  ```\n</details>',
  '> ```\n</details>',
  '- ```\n</details>\n## Sources',
  '    ```\n</details>\n    ```',
  '```\n# code\n',
  '~~~~\n~~~\n</details>',
  '````md\n```\n</details>\n```\n````\n# A',
  '<!--\n```\n-->\n</details>',
  '<script>\n```\n</script>\n</details>',
  '<pre>\n\n```\n</pre>\n# A',
  'text <b\nid="x"></details>',
  '`a\n</details>\n`',
  'a ` b\n` </details> `',
  '# Research\n## Sources',
  '> # Quoted\n- ## Listed\n1. # Numbered',
  'Title\n===\nSecond\n---',
  'one\ntwo\n===',
  '> quoted\n> ===\n> again\n> ---',
  '- item\n  ===\n\n      deep\n      ---',
  '---\ntitle: x\n---\n# A',
  '[1]: https://evil.example/\n[a]: <javascript:x>\n[^n]: note',
  '[1\n]: https://evil.example/',
  '> [1]: https://evil.example/',
  'a\r# B\r\n# C\u2028# D\u0085# E\v# F\f# G',
  '\t# tab\n\t</details>',
  '#\n##\n#\ttab',
  '```js </details>\n```x\n</details>\n```',
  '``` a`b\n</details>',
  '<https://ok.example/</details>>',
  '\\</details>\n\\<details>\n&lt;/details>',
  '<![CDATA[\n```\n]]>\n</details>',
  '<?php\n```\n?>\n</details>',
  '| a |\n| - |\n| </details> |',
  '\0<\0/details>\n#\0 A',
]

describe('text of others inside a block of ours', () => {
  for (const text of hostile) {
    it(`stays inside: ${JSON.stringify(text)}`, () => assertContained(text))
  }

  it('stays inside, whatever the lines and their order', () => {
    const pieces = hostile.flatMap((text) => text.split(/\n/))
    const piece = fc.oneof(
      fc.constantFrom(...pieces, '', '', '```', '~~~', '> ', '- ', '    '),
      fc.string({ unit: fc.constantFrom(...'`~<>/=-#[]:^! \n\tab*+.1)\\&') }),
    )
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 14 }),
        fc.array(fc.constantFrom('\n', '\n', '\n\n', '')),
        (lines, joins) => {
          assertContained(lines.map((line, n) => line + (joins[n] ?? '\n')).join(''))
        },
      ),
      { numRuns: 2_000 },
    )
  })

  it('contained once is contained: a second time changes no structure', () => {
    for (const text of hostile) assertContained(containMarkdown(text))
  })

  it('keeps every character of code, and ordinary Markdown as it is', () => {
    const code = '```html\n</details>\n# not a heading\n[1]: x\n  indented\n```'
    assert.equal(containMarkdown(code), code)
    const prose =
      'A **bold** [link](https://a.example/?a=1&b=2), `code`, a < b.\n\n- one\n- two\n\n| a | b |\n| - | - |\n| 1 | 2 |\n\n<https://auto.example/>'
    assert.equal(containMarkdown(prose), prose)
  })

  it('shows headings two levels down, also the underlined ones', () => {
    assert.equal(
      containMarkdown('# A\n\n##### B\n\nC\n===\n\nD\n---\ntext'),
      '### A\n\n###### B\n\n### C\n\n#### D\ntext',
    )
  })
})
