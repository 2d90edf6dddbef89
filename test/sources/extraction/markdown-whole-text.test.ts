import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import type { Nodes } from 'mdast'
import { htmlToMarkdown } from '../../../src/sources/extraction/html-to-markdown.ts'
import { textOf } from '../../../src/sources/extraction/html-tree.ts'
import { parsePiece } from '../../../src/sources/extraction/parse-html.ts'
import { parseMarkdown } from '../../support/markdown.ts'

const markdownOf = (html: string) => htmlToMarkdown(html, 'https://site.example/a')

/** What a reader of the Markdown reads. */
function readText(markdown: string): string {
  const read = (node: Nodes): string => {
    if ('children' in node) return node.children.map(read).join(' ')
    return 'value' in node && node.type !== 'html' ? node.value : ''
  }
  return read(parseMarkdown(markdown))
}

const squeezed = (text: string) => text.replace(/\s+/g, '')

const signs = fc.constantFrom(...'xyz09 .,;:!?()[]{}*_~#+=<>&"%^$`é漢😀「」“”\n\u00a0')
const said = fc
  .oneof(
    fc.constantFrom('a', 'です', '「重要」', '(x)', '$5', 'b c', '1.', '- '),
    fc.string({ maxLength: 4, unit: signs }),
  )
  .map((text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;'))
const tags = ['b', 'i', 'strong', 'em', 's', 'u', 'mark', 'span', 'code', 'a href="/x"']
const { inline } = fc.letrec<{ inline: string }>((tie) => ({
  inline: fc.oneof(
    { maxDepth: 4 },
    said,
    fc.constant('<br>'),
    fc
      .tuple(fc.constantFrom(...tags), fc.array(tie('inline'), { maxLength: 4 }))
      .map(([tag, inside]) => `<${tag}>${inside.join('')}</${tag.split(' ')[0]}>`),
  ),
}))
const block = fc
  .tuple(
    fc.constantFrom('p', 'h2', 'li', 'div', 'blockquote', 'td'),
    fc.array(inline, { maxLength: 7 }),
  )
  .map(([tag, inside]) =>
    tag === 'td'
      ? `<table><tr><th>k<th>v<tr><td>${inside.join('')}<td>z</table>`
      : `<${tag}>${inside.join('')}</${tag}>`,
  )

describe('the text of a piece of HTML', () => {
  it('is what its Markdown says when it is read again, under any marks, links and code', () => {
    fc.assert(
      fc.property(block, (html) => {
        const wanted = squeezed(textOf(parsePiece(html)))
        assert.equal(squeezed(readText(markdownOf(html))), wanted)
      }),
      { numRuns: 400 },
    )
  })

  it('stands literally in its Markdown: no sign is written by its number', () => {
    fc.assert(
      fc.property(block, (html) => {
        assert.doesNotMatch(markdownOf(html), /(?<!\\)&(#x?[0-9a-f]+|[a-z]\w*);/i)
      }),
      { numRuns: 400 },
    )
  })
})

describe('marks in running text', () => {
  const cases: [string, string, string][] = [
    ['end before a sign that a letter follows', '<b>Note:</b>text', '**Note**:text'],
    ['begin behind a sign that follows a letter', 'costs<b>$5</b>now', 'costs\\$**5**now'],
    [
      'stand inside brackets between letters of other scripts',
      'これは<strong>「重要」</strong>です。',
      'これは「**重要**」です。',
    ],
    ['go when they hold signs only', 'a<b>!</b>b', 'a!b'],
    ['are one when they touch', '<b>a</b><b>b</b>', '**ab**'],
    [
      'keep apart the blocks they were put around',
      '<strong><p>one</p><p>two</p></strong>',
      '**one**\n\n**two**',
    ],
  ]
  for (const [claim, html, markdown] of cases) {
    it(claim, () => assert.equal(markdownOf(html).trim(), markdown))
  }
})

describe('a link around blocks', () => {
  it('goes into each of them', () => {
    const markdown = markdownOf(
      '<a href="/p"><h3>Title</h3><p>Text</p><ul><li>One</li><li>Two</li></ul></a>',
    )
    const at = 'https://site.example/p'
    const blocks = [`### [Title](${at})`, `[Text](${at})`, `- [One](${at})\n- [Two](${at})`]
    assert.equal(markdown.trim(), blocks.join('\n\n'))
  })

  it('keeps terms, rows and quotes apart', () => {
    const markdown = markdownOf(
      '<a href="/p"><dl><dt>Brand</dt><dd>Acme</dd></dl><table><tr><th>K</th><td>V</td></tr></table><blockquote>Said</blockquote></a>',
    )
    for (const word of ['[Brand]', '[Acme]', '| [K]', '| [V]', '> [Said]'])
      assert.ok(markdown.includes(word), word)
  })

  it('follows code, which can hold none', () => {
    const markdown = markdownOf('<a href="/p"><pre><code>x = 1\ny = 2</code></pre></a>')
    assert.equal(markdown.trim(), '```\nx = 1\ny = 2\n```\n\n<https://site.example/p>')
  })
})

describe('small signs', () => {
  const cases: [string, string, string][] = [
    ['the cents of a price', 'Now $1,069<sup>.99</sup>', 'Now \\$1,069.99'],
    ['cents without their point', 'Now €49<sup>99</sup>', 'Now €49.99'],
    ['a raised currency', 'Now <sup>$</sup>49', 'Now \\$49'],
    ['a power stays one', '10<sup>12</sup> and 2<sup>10</sup>', '10¹² and 2¹⁰'],
    ['a reading follows what it is of', '<ruby>漢字<rt>かんじ</rt></ruby>です', '漢字(かんじ)です'],
    [
      'a reading keeps its author’s brackets',
      '<ruby>漢<rp>[</rp><rt>kan</rt><rp>]</rp></ruby>',
      '漢\\[kan]',
    ],
  ]
  for (const [claim, html, markdown] of cases) {
    it(claim, () => assert.equal(markdownOf(`<p>${html}</p>`).trim(), markdown))
  }
})

describe('parts for a hand', () => {
  it('keep the words they give to a sentence', () => {
    fc.assert(
      fc.property(fc.constantFrom('Reply', 'breakwater', 'Add to cart', 'quay wall'), (word) => {
        const html = `<p>The <button type="button">${word}</button> protects the quay.</p>`
        assert.equal(markdownOf(html).trim(), `The ${word} protects the quay.`)
      }),
    )
  })

  it('say what opens below them, and nothing of what they would do', () => {
    const html =
      '<div><button aria-expanded="false">Who may apply?</button><div>All.</div></div><div><button>Copy</button></div>'
    assert.equal(markdownOf(html).trim(), 'Who may apply?\n\nAll.')
  })

  it('show the text they hold for copying', () => {
    const html =
      '<p>Put this in:</p><textarea readonly>a &lt; b</textarea><textarea>draft</textarea>'
    assert.equal(markdownOf(html).trim(), 'Put this in:\n\n```\na < b\n```')
  })
})
