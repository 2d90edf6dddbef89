import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Refusal } from '../../../src/errors.ts'
import { normaliseFileName } from '../../../src/sources/files/file-name.ts'
import { readLocalFile } from '../../../src/sources/files/local-file.ts'
import { readGuideline } from '../../../src/sources/guideline/guideline-text.ts'

const bytesOf = (text: string | readonly number[]): Uint8Array =>
  typeof text === 'string' ? new TextEncoder().encode(text) : Uint8Array.from(text)

const read = (name: string, content: string | readonly number[], maxBytes = 10_000) =>
  readLocalFile({ name, bytes: bytesOf(content), maxBytes })

const refused = (code: string, act: () => unknown) =>
  assert.rejects(
    async () => await act(),
    (error) => error instanceof Refusal && error.code === code,
  )

describe('a local file', () => {
  it('of Markdown stays as it is, without byte order mark, with LF line ends', async () => {
    const file = await read('notes.md', '\ufeff# A\r\n\r\ntext\r')
    assert.deepEqual(file, {
      name: 'notes.md',
      mediaType: 'text/markdown',
      markdown: '# A\n\ntext\n',
    })
  })

  it('of code is a block with its language that its content cannot end', async () => {
    const { markdown } = await read('a.py', 'x = """\n````\n# not a heading\n"""\n')
    assert.equal(markdown, '`````python\nx = """\n````\n# not a heading\n"""\n`````\n')
  })

  it('of CSV is a block', async () => {
    assert.equal((await read('t.CSV', 'a,b\n1,2\n')).markdown, '```csv\na,b\n1,2\n```\n')
  })

  it('of a notebook is converted', async () => {
    const notebook = { nbformat: 4, cells: [{ cell_type: 'markdown', source: ['# T\n', 'x'] }] }
    assert.equal((await read('n.ipynb', JSON.stringify(notebook))).markdown, '# T\nx\n')
  })

  it('is read in the encoding that its bytes leave no doubt about', async () => {
    assert.equal((await read('a.md', [0xff, 0xfe, 0x61, 0x00])).markdown, 'a')
    assert.equal((await read('a.md', [0x23, 0xb8, 0xdb, 0xbf, 0xda])).markdown, '#港口')
  })

  it('loses embedded images, visibly', async () => {
    const image = `data:image/png;base64,${'iVBORw0KGgo'.repeat(50)}`
    assert.equal(
      (await read('a.md', `![x](${image}) after`)).markdown,
      '![x]([embedded-image-left-out]) after',
    )
  })

  it('is refused by type, size, content and name', async () => {
    await refused('FILE_TYPE_UNSUPPORTED', () => read('a.exe', 'x'))
    await refused('FILE_TYPE_UNSUPPORTED', () => read('md', 'x'))
    await refused('FILE_TOO_LARGE', () => read('a.md', 'x'.repeat(11), 10))
    await refused('TEXT_NOT_UTF8', () => read('a.md', [0x61, 0xff, 0xfe]))
    await refused('TEXT_HAS_NUL', () => read('a.md', 'a\0b'))
    await refused('NOTEBOOK_INVALID', () => read('a.ipynb', '{"cells": 3}'))
    await refused('NOTEBOOK_INVALID', () => read('a.ipynb', 'not json'))
    await refused('FILE_NAME_INVALID', () => read('..', 'x'))
  })

  it('is refused when its bytes are those of another format', async () => {
    const starts = [
      [0x50, 0x4b, 3, 4, 0, 0],
      [0x25, 0x50, 0x44, 0x46, 0x2d, 0x31],
      [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a],
      [0x1f, 0x8b, 8, 0],
      [0xff, 0xd8, 0xff, 0xe0],
    ]
    for (const start of starts) await refused('FILE_NOT_WHAT_IT_SAYS', () => read('a.md', start))
  })
})

describe('a file name', () => {
  const tricks: readonly (readonly [string, string])[] = [
    ['../../etc/notes.md', 'notes.md'],
    ['C:\\fakepath\\notes.md', 'notes.md'],
    ['  notes.md  ', 'notes.md'],
    ['re\u0301sume\u0301.md', 'r\u00e9sum\u00e9.md'],
    ['<img src=x onerror=alert(1)>.md', '<img src=x onerror=alert(1)>.md'],
    ['.env.md', '.env.md'],
    ['می\u200cخواهم.md', 'می\u200cخواهم.md'],
    ['\u{1f469}\u200d\u{1f4bb}.md', '\u{1f469}\u200d\u{1f4bb}.md'],
  ]
  for (const [given, expected] of tricks) {
    it(`${JSON.stringify(given)} is ${JSON.stringify(expected)}`, () => {
      assert.equal(normaliseFileName(given), expected)
    })
  }

  for (const name of [
    '',
    ' ',
    '.',
    '..',
    'a/',
    'a\0.md',
    'a\n.md',
    'a\u202edm.exe',
    'a\u200b.md',
    'a\u{e0041}.md',
    'a\ufe01.md',
    '\u3164.md',
    '\ud800.md',
    `${'x'.repeat(253)}.md`,
  ]) {
    it(`${JSON.stringify(name).slice(0, 20)} is refused`, async () => {
      await refused('FILE_NAME_INVALID', () => normaliseFileName(name))
    })
  }
})

describe('a guideline', () => {
  it('is text with LF line ends', () => {
    assert.equal(readGuideline(bytesOf('\ufeff# A\r\nb')), '# A\nb')
  })

  it('is refused when empty, too large, or not text', async () => {
    await refused('GUIDELINE_EMPTY', () => readGuideline(bytesOf(' \r\n\t')))
    await refused('GUIDELINE_TOO_LARGE', () => readGuideline(new Uint8Array(1024 * 1024 + 1)))
    await refused('GUIDELINE_TOO_LARGE', () => readGuideline(bytesOf('abc'), { maxBytes: 2 }))
    await refused('TEXT_NOT_UTF8', () => readGuideline(bytesOf([0xc3, 0x28])))
    await refused('TEXT_HAS_NUL', () => readGuideline(bytesOf('a\0')))
  })

  it('of exactly the limit is taken', () => {
    assert.equal(readGuideline(bytesOf('a'.repeat(1024 * 1024))).length, 1024 * 1024)
  })
})
