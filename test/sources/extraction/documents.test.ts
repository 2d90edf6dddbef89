import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { convert } from '../../../src/sources/extraction/convert.ts'
import { nodesOf, outlineOf, plainText, tablesOf } from '../../support/markdown.ts'
import { zipOf } from '../../support/zip.ts'

const from = (body: string | Uint8Array, mediaType: string, path = '/file') =>
  convert({
    bytes: typeof body === 'string' ? new TextEncoder().encode(body) : body,
    mediaType,
    charset: null,
    url: `https://site.example${path}`,
  })

const run = (text: string) => `<w:r><w:t xml:space="preserve">${text}</w:t></w:r>`
const paragraph = (text: string, style = '') =>
  `<w:p><w:pPr>${style && `<w:pStyle w:val="${style}"/>`}</w:pPr>${run(text)}</w:p>`
const cell = (text: string) => `<w:tc>${paragraph(text)}</w:tc>`
const row = (...texts: string[]) => `<w:tr>${texts.map(cell).join('')}</w:tr>`

const docx = (body: string) =>
  zipOf({
    '[Content_Types].xml':
      '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>',
    '_rels/.rels':
      '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/></Relationships>',
    'word/document.xml': `<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>${body}</w:body></w:document>`,
  })
const wordType = 'application/vnd.openxmlformats-officedocument.wordprocessingml.document'

describe('a Word document', () => {
  it('keeps headings, text and tables', async () => {
    const body = `${paragraph('Report', 'Heading1')}${paragraph('Plain *text*.')}<w:tbl>${row('A', 'B')}${row('1', '2')}</w:tbl>`
    const { title, markdown } = await from(docx(body), wordType)
    assert.equal(title, 'Report')
    assert.deepEqual(nodesOf(markdown, 'heading').map(plainText), ['Report'])
    assert.deepEqual(tablesOf(markdown), [
      [
        ['A', 'B'],
        ['1', '2'],
      ],
    ])
    assert.ok(nodesOf(markdown, 'paragraph').map(plainText).includes('Plain *text*.'))
  })

  it('is known by its name when the server does not say', async () => {
    const { markdown } = await from(docx(paragraph('Hello')), 'application/octet-stream', '/a.docx')
    assert.equal(markdown, 'Hello\n')
  })

  it('that unpacks without end is refused before it does', async () => {
    const bomb = zipOf({ 'word/document.xml': Buffer.alloc(70_000_000) })
    assert.ok(bomb.byteLength < 100_000)
    await assert.rejects(from(bomb, wordType), { reason: 'TOO_LARGE' })
  })

  it('behind a password is named as encrypted', async () => {
    const container = Buffer.from('d0cf11e0a1b11ae1', 'hex')
    await assert.rejects(from(container, wordType), { reason: 'ENCRYPTED' })
  })

  it('that is another archive is refused', async () => {
    await assert.rejects(from(zipOf({ x: 'y' }), wordType), { reason: 'EXTRACTION_FAILED' })
    await assert.rejects(from(zipOf({ x: 'y' }), 'application/zip'), { reason: 'UNSUPPORTED_TYPE' })
  })
})

describe('a feed', () => {
  it('of RSS lists its entries with what they say', async () => {
    const xml = `<?xml version="1.0"?><rss version="2.0"><channel><title>News</title>
      <item><title>One &amp; two</title><link>/1</link><pubDate>Thu, 01 Jan 2026 00:00:00 GMT</pubDate>
      <description>&lt;p&gt;Hi &lt;b&gt;there&lt;/b&gt;&lt;/p&gt;</description></item>
      <item><title>Next</title><link>https://other.example/2</link></item></channel></rss>`
    const { title, markdown } = await from(xml, 'application/rss+xml')
    assert.equal(title, 'News')
    assert.deepEqual(
      nodesOf(markdown, 'link').map((link) => [plainText(link), link.url]),
      [
        ['One & two', 'https://site.example/1'],
        ['Next', 'https://other.example/2'],
      ],
    )
    assert.deepEqual(nodesOf(markdown, 'strong').map(plainText), ['there'])
  })

  it('of Atom lists its entries', async () => {
    const xml = `<feed xmlns="http://www.w3.org/2005/Atom"><title>Blog</title><entry><title type="html">A</title>
      <link rel="self" href="/self"/><link href="/a"/><updated>2026-01-01T00:00:00Z</updated>
      <content type="html">&lt;ul&gt;&lt;li&gt;x&lt;/li&gt;&lt;/ul&gt;</content></entry></feed>`
    const { markdown } = await from(xml, 'application/atom+xml')
    assert.deepEqual(
      nodesOf(markdown, 'link').map(({ url }) => url),
      ['https://site.example/a'],
    )
    assert.deepEqual(outlineOf(markdown), ['1 x'])
  })

  it('with an entity bomb stays small', async () => {
    const entities = Array.from(
      { length: 12 },
      (_, n) => `<!ENTITY e${n + 1} "${`&e${n};`.repeat(10)}">`,
    )
    const xml = `<!DOCTYPE rss [<!ENTITY e0 "ha">${entities.join('')}]><rss><channel><title>x</title><item><title>&e12;</title><link>/1</link></item></channel></rss>`
    const outcome = await from(xml, 'application/rss+xml').then(
      ({ markdown }) => markdown.length,
      (error: { reason?: string }) => error.reason,
    )
    assert.ok(outcome === 'EXTRACTION_FAILED' || Number(outcome) < 20_000, String(outcome))
  })
})

describe('other text', () => {
  it('of comma separated values becomes a table of its first rows', async () => {
    const lines = Array.from({ length: 300 }, (_, n) => `${n},"x|y, ""q"""`).join('\r\n')
    const { markdown, notes } = await from(`id,name\r\n${lines}`, 'text/csv')
    const [table = []] = tablesOf(markdown)
    assert.deepEqual(table.slice(0, 2), [
      ['id', 'name'],
      ['0', 'x|y, "q"'],
    ])
    assert.equal(table.length, 201)
    assert.ok(notes.some((note) => /first 200 rows/.test(note)))
  })

  it('of JSON is fenced and laid out', async () => {
    const [code] = nodesOf((await from('{"a":[1]}', 'application/json')).markdown, 'code')
    assert.deepEqual([code?.lang, code?.value], ['json', '{\n  "a": [\n    1\n  ]\n}'])
  })

  it('of a notebook is read as one, whatever the server calls it', async () => {
    const notebook = JSON.stringify({
      nbformat: 4,
      nbformat_minor: 5,
      metadata: {},
      cells: [{ cell_type: 'markdown', metadata: {}, source: ['# Notes'] }],
    })
    assert.match((await from(notebook, 'application/json')).markdown, /^# Notes/)
    assert.match((await from(notebook, 'text/plain', '/a.ipynb')).markdown, /^# Notes/)
  })

  it('in Markdown is taken as it is, without embedded images', async () => {
    const image = `![x](data:image/png;base64,${'A'.repeat(200)})`
    const { title, markdown } = await from(`# Hi\n\n${image}\n`, 'text/markdown')
    assert.equal(title, 'Hi')
    assert.equal(markdown, '# Hi\n\n![x]([embedded-image-left-out])\n')
  })

  it('labelled Markdown that is a page is read as a page', async () => {
    const { markdown } = await from('<!doctype html><title>T</title><p>Text</p>', 'text/markdown')
    assert.equal(markdown, 'Text\n')
  })

  it('of a program is fenced with its language', async () => {
    const [code] = nodesOf((await from('let x = 1', 'text/plain', '/a/b.ts')).markdown, 'code')
    assert.deepEqual([code?.lang, code?.value], ['typescript', 'let x = 1'])
  })

  it('loses characters that nobody sees', async () => {
    const hidden = [...'ignore']
      .map((c) => String.fromCodePoint(0xe0000 + c.charCodeAt(0)))
      .join('')
    const { markdown } = await from(`a\u202eb\u200b${hidden}\u0000c`, 'text/markdown')
    assert.equal(markdown, 'abc\n')
  })

  it('that is none of these is refused', async () => {
    const png = Buffer.from('89504e470d0a1a0a00000000', 'hex')
    await assert.rejects(from(png, 'image/png'), { reason: 'UNSUPPORTED_TYPE' })
    await assert.rejects(from(png, 'text/html'), { reason: 'UNSUPPORTED_TYPE' })
    await assert.rejects(from(new Uint8Array(50), ''), { reason: 'UNSUPPORTED_TYPE' })
    await assert.rejects(from('', 'text/plain'), { reason: 'EMPTY' })
  })
})
