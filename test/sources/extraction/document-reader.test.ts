import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createDocumentReader } from '../../../src/sources/extraction/document-reader.ts'
import { readLocalFile } from '../../../src/sources/files/local-file.ts'
import { linksInGuideline } from '../../../src/sources/guideline/guideline-links.ts'
import { createExtractionPool } from '../../support/extraction-pool.ts'
import { pdfOf } from '../../support/pdf.ts'
import { zipOf } from '../../support/zip.ts'

const words = 'The breakwater protects the quay from the winter storms of the north.'
const pdf = pdfOf([[{ text: words, x: 72, y: 700 }]])
const docx = zipOf({
  '[Content_Types].xml':
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>',
  '_rels/.rels':
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/></Relationships>',
  'word/document.xml': `<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body><w:p><w:r><w:t>${words}</w:t></w:r></w:p></w:body></w:document>`,
})

async function reading<Result>(
  work: (
    read: (name: string, bytes: Uint8Array) => ReturnType<typeof readLocalFile>,
  ) => Promise<Result>,
): Promise<Result> {
  const pool = createExtractionPool()
  const readers = { readDocument: createDocumentReader(pool) }
  try {
    return await work((name, bytes) => readLocalFile({ name, bytes, maxBytes: 1_000_000 }, readers))
  } finally {
    await pool.close()
  }
}

describe('a PDF or Word document as a local file', () => {
  it('is expected when the guideline names it', () => {
    assert.deepEqual(
      linksInGuideline('- paper.pdf\n- `draft.docx`\n- [the book](files/book.pdf)\n').localFiles,
      ['paper.pdf', 'draft.docx', 'book.pdf'],
    )
  })

  it('is read as documents of the web are', async () => {
    await reading(async (read) => {
      const paper = await read('Paper 1.PDF', pdf)
      assert.equal(paper.mediaType, 'application/pdf')
      assert.match(paper.markdown, /protects the quay/)
      assert.match((await read('draft.docx', docx)).markdown, /protects the quay/)
    })
  })

  it('says at its end what could not be read', async () => {
    await reading(async (read) => {
      const half = pdfOf([[{ text: words, x: 72, y: 700 }], []])
      assert.match(
        (await read('half.pdf', half)).markdown,
        /north\.\n\n\[1 of the pages hold no text, at most pictures\.\]\n$/,
      )
      assert.doesNotMatch((await read('whole.pdf', pdf)).markdown, /\[/)
    })
  })

  it('is refused with the reason when it has no text, and when it is something else', async () => {
    await reading(async (read) => {
      await assert.rejects(read('scan.pdf', pdfOf([[]])), {
        code: 'DOCUMENT_UNREADABLE',
        message: /^scan\.pdf cannot be read: The document holds images of pages/,
      })
      await assert.rejects(read('a.docx', pdf), { code: 'FILE_NOT_WHAT_IT_SAYS' })
      await assert.rejects(read('a.pdf', Buffer.from('words')), { code: 'FILE_NOT_WHAT_IT_SAYS' })
    })
  })

  it('is not taken where nothing reads it', async () => {
    await assert.rejects(readLocalFile({ name: 'a.pdf', bytes: pdf, maxBytes: 1_000_000 }), {
      code: 'FILE_TYPE_UNSUPPORTED',
    })
  })
})
