import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { htmlToMarkdown } from '../../../src/sources/extraction/html-to-markdown.ts'
import { nodesOf, parseMarkdown, plainText } from '../../support/markdown.ts'

const convert = (html: string) => htmlToMarkdown(html, 'https://site.example/docs/page.html')
const marksOf = (markdown: string) =>
  nodesOf(markdown, 'footnoteReference').map(({ identifier }) => identifier)
const notesOf = (markdown: string) =>
  Object.fromEntries(
    nodesOf(markdown, 'footnoteDefinition').map((note) => [
      note.identifier,
      plainText(note).trim(),
    ]),
  )
const mark = (id: string, label: string) => `<sup id="r${id}"><a href="#${id}">${label}</a></sup>`

describe('footnotes', () => {
  const cases: [string, string, string[], Record<string, string>][] = [
    [
      'are found in a list of notes, which goes',
      `<p>A${mark('n1', '1')} b${mark('n2', '[2]')}</p><h2>Notes</h2><ol><li id=n1>one <a href="#rn1">↩</a><li id=n2><p>two</ol>`,
      ['1', '2'],
      { '1': 'one', '2': 'two' },
    ],
    [
      'are found in paragraphs that begin with their number',
      `<p>A${mark('n1', '1')}</p><hr><p id=n1>1. one <a href="#rn1">back</a></p>`,
      ['1'],
      { '1': 'one' },
    ],
    [
      'are found under an anchor within a paragraph',
      `<p>A${mark('n1', '1')}</p><p><a name=n1></a>[1] one</p>`,
      ['1'],
      { '1': 'one' },
    ],
    [
      'are found behind addresses written out',
      '<p>A<sup><a href="https://site.example/docs/page.html#n1">1</a></sup></p><ol><li id=n1>one</ol>',
      ['1'],
      { '1': 'one' },
    ],
    [
      'named twice are one',
      `<p>A${mark('n1', '1')} b${mark('n1', '1')}</p><ol><li id=n1>one</ol>`,
      ['1', '1'],
      { '1': 'one' },
    ],
    [
      'with the same number are two',
      `<p>A${mark('n1', '1')}</p><ol><li id=n1>one</ol><p>B${mark('n2', '1')}</p><ol><li id=n2>two</ol>`,
      ['1', '1-2'],
      { '1': 'one', '1-2': 'two' },
    ],
    [
      'marked by a sign get a name',
      `<p>A${mark('n1', '*')}</p><p id=n1>said so</p>`,
      ['note'],
      { note: 'said so' },
    ],
    [
      'marked by their role are marks',
      '<p>A<a role="doc-noteref" href="#n1">1</a></p><aside id=n1>one <a role=doc-backlink href="#x">up</a></aside>',
      ['1'],
      { '1': 'one' },
    ],
    ['whose note is missing stay text', `<p>A${mark('n9', '9')}</p>`, [], {}],
    [
      'are no links to the block around them or to a section',
      `<div id=all><p>A${mark('all', '1')}${mark('s', '2')}</p></div><div id=s><h2>S</h2>text</div>`,
      [],
      {},
    ],
  ]
  for (const [claim, html, marks, notes] of cases) {
    it(claim, () => {
      const markdown = convert(html)
      assert.deepEqual(marksOf(markdown), marks)
      assert.deepEqual(notesOf(markdown), notes)
    })
  }

  it('leave nothing of their list behind, and everything else', () => {
    const html = `<p>A${mark('n1', '1')}</p><hr><section><h3>References</h3><ol><li id=n1>one</ol></section><p>End</p>`
    const types = parseMarkdown(convert(html)).children.map(({ type }) => type)
    assert.deepEqual(types, ['paragraph', 'paragraph', 'footnoteDefinition'])
    const mixed = `<p>A${mark('n1', '1')}</p><ol><li id=n1>one<li>never marked</ol>`
    assert.match(convert(mixed), /never marked/)
  })

  it('keep the links and code of their text', () => {
    const html = `<p>A${mark('n1', '1')}</p><ol><li id=n1><p>See <a href="/x">x</a>.</p><pre>a\nb</pre></ol>`
    const markdown = convert(html)
    assert.deepEqual(
      nodesOf(markdown, 'link').map(({ url }) => url),
      ['https://site.example/x'],
    )
    assert.deepEqual(
      nodesOf(markdown, 'code').map(({ value }) => value),
      ['a\nb'],
    )
  })
})
