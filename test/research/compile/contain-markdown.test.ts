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
  const opening = '<details><summary>[1] Ours</summary>'
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
    all.filter(({ type }) => /definition|^image/i.test(type) || type === 'linkReference'),
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
  '![a](https://evil.example/a.png)',
  '![a](<https://evil.example/a b.png> "title") ![](https://evil.example/b.png)',
  '[![a](https://evil.example/a.png)](https://evil.example/)',
  '![a [b] ![c](https://evil.example/c.png) d](https://evil.example/d.png)',
  '![a\nb](https://evil.example/a.png)\n![a](\nhttps://evil.example/b.png)',
  '![`]`](https://evil.example/a.png)\n![`]\n`](https://evil.example/b.png)',
  '![<https://evil.example/]>](https://evil.example/a.png)',
  '\\\\![a](https://evil.example/a.png) \\![a](https://evil.example/b.png)',
  '` ![a](https://evil.example/a.png) ![b](https://evil.example/b.png)',
  '![a][b]\n\n[b]: https://evil.example/a.png\n\n![b]\n\n![b][]',
  '| ![a](https://evil.example/a.png) |\n| - |\n| ![a\\|b](https://evil.example/b.png) |',
  '<img src="https://evil.example/a.png"><picture><source srcset="https://evil.example/b.png"></picture>',
  '<style>@import "https://evil.example/a.css"</style><svg><image href="https://evil.example/a"/></svg>',
  '<video poster="https://evil.example/a.png"\nsrc=x><iframe src="https://evil.example/"></iframe>',
  `![${'a'.repeat(5_000)}](https://evil.example/a.png)`,
  '![a](https://evil.example/(b(c)).png) !\\[a](https://evil.example/)',
]

describe('text of others inside a block of ours', () => {
  for (const text of hostile) {
    it(`stays inside: ${JSON.stringify(text)}`, () => assertContained(text))
  }

  it('stays inside, whatever the lines and their order', () => {
    const pieces = hostile.flatMap((text) => text.split(/\n/))
    const piece = fc.oneof(
      fc.constantFrom(...pieces, '', '', '```', '~~~', '> ', '- ', '    ', '![', '](u)', '`', '\\'),
      fc.string({ unit: fc.constantFrom(...'`~<>/=-#[]:^! \n\tab*+.1()\\&') }),
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

  it('shows what an image shows and where it lies, keeps links, and what only looks like an image', () => {
    assert.equal(
      containMarkdown(
        'A ![wall](https://a.example/w.png "W") and ![](<https://a.example/x y.png>).',
      ),
      'A wall (image: `https://a.example/w.png`) and (image: `https://a.example/x y.png`).',
    )
    assert.equal(
      containMarkdown('[![wall](https://a.example/w_(1).png)](https://a.example/wall)'),
      '[wall (image: `https://a.example/w_(1).png`)](https://a.example/wall)',
    )
    assert.equal(containMarkdown('![dot](data:image/png;base64,AAAA)'), 'dot (image)')
    for (const same of [
      '`vec![1, 2]` and vec![0; 3]',
      'Wow\\![a](https://a.example/)',
      'What![1]',
    ]) {
      assert.equal(containMarkdown(same), same)
    }
    const code = '```md\n![a](https://a.example/a.png)\n```'
    assert.equal(containMarkdown(code), code)
  })

  it('shows headings two levels down, also the underlined ones', () => {
    assert.equal(
      containMarkdown('# A\n\n##### B\n\nC\n===\n\nD\n---\ntext'),
      '### A\n\n###### B\n\n### C\n\n#### D\ntext',
    )
  })
})
