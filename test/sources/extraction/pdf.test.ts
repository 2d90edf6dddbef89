import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { convertPdf } from '../../../src/sources/extraction/pdf/pdf.ts'
import { nodesOf, plainText } from '../../support/markdown.ts'
import { type Placed, pdfOf } from '../../support/pdf.ts'

const markdownOf = async (...pages: Placed[][]) => (await convertPdf(pdfOf(pages))).markdown
const paragraphsOf = (markdown: string) => nodesOf(markdown, 'paragraph').map(plainText)

/** Lines of text one below the other. */
const column = (x: number, y: number, lines: readonly string[], size = 10): Placed[] =>
  lines.map((text, index) => ({ text, x, y: y - index * size * 1.2, size }))

describe('a PDF', () => {
  it('has headings by size and joins the lines of a paragraph', async () => {
    const markdown = await markdownOf([
      { text: 'Durable Queues', x: 72, y: 720, size: 20 },
      { text: 'Why they matter', x: 72, y: 680, size: 14 },
      ...column(72, 650, [
        'A queue holds work between the moment',
        'somebody asks for it and the end.',
      ]),
      ...column(72, 600, ['A second paragraph stands further down', 'and has its own lines.']),
    ])
    assert.deepEqual(
      nodesOf(markdown, 'heading').map((node) => [node.depth, plainText(node)]),
      [
        [1, 'Durable Queues'],
        [2, 'Why they matter'],
      ],
    )
    assert.deepEqual(paragraphsOf(markdown), [
      'A queue holds work between the moment somebody asks for it and the end.',
      'A second paragraph stands further down and has its own lines.',
    ])
  })

  it('has its words whole again where a line end broke them', async () => {
    const lines = [
      'This shows how inter-',
      'nationalisation and a pre-',
      'War date come out of a file',
    ]
    const markdown = await markdownOf(column(72, 700, lines))
    assert.match(markdown, /how internationalisation and a pre-War date/)
  })

  it('is read column by column below its full-width title', async () => {
    const left = Array.from({ length: 8 }, (_, n) => `left column line number ${n} of the text`)
    const right = Array.from({ length: 8 }, (_, n) => `right column line number ${n} of the text`)
    const title = {
      text: 'A title that runs over both of the columns of this page',
      x: 100,
      y: 740,
      size: 16,
    }
    const markdown = await markdownOf([title, ...column(50, 700, left), ...column(320, 700, right)])
    const at = (text: string) => markdown.indexOf(text)
    assert.ok(at('A title') >= 0 && at('A title') < at('left column line number 0'))
    assert.ok(at('left column line number 7') < at('right column line number 0'))
    assert.ok(at('left column line number 7') > 0)
  })

  it('loses what repeats on every page, and its page numbers', async () => {
    const page = (number: number): Placed[] => [
      { text: `Journal of Queues, volume 4, page ${number}`, x: 72, y: 770, size: 9 },
      ...column(72, 700, [
        `What page ${['one', 'two', 'three', 'four'][number]} says is told only once.`,
      ]),
      { text: String(number), x: 300, y: 30, size: 9 },
    ]
    const markdown = await markdownOf(page(0), page(1), page(2), page(3))
    assert.doesNotMatch(markdown, /Journal/)
    assert.equal(
      paragraphsOf(markdown)
        .join('|')
        .match(/told only once/g)?.length,
      4,
    )
    assert.doesNotMatch(markdown, /^\d+$/m)
  })

  it('loses heads that name each chapter and count its pages', async () => {
    const names = ['Start', 'Middle', 'End']
    const pages = names.map((name, index): Placed[] => [
      { text: `Chapter ${name}   ${index + 7}`, x: 72, y: 770 },
      ...column(72, 600, [`The text of the ${name} is told here.`]),
    ])
    assert.doesNotMatch(await markdownOf(...pages), /Chapter/)
  })

  it('has the entries of its contents apart, without their dots', async () => {
    const lines = [
      '1 Introduction . . . . . . . . . . 1',
      '1.1 Aims . . . . . . . . . . . . . . . 2',
    ]
    const text = column(72, 400, ['Then the text goes on as any text goes on.'])
    const markdown = await markdownOf([...column(72, 700, lines), ...text])
    assert.deepEqual(paragraphsOf(markdown).slice(0, 2), ['1 Introduction … 1', '1.1 Aims … 2'])
  })

  it('has its bullets as a list', async () => {
    const lines = [
      '- first point about latency',
      '- second point about throughput',
      'of the whole service',
    ]
    const markdown = await markdownOf(
      column(72, 700, ['Some points follow in this document:', ...lines]),
    )
    assert.deepEqual(nodesOf(markdown, 'listItem').map(plainText), [
      'first point about latency',
      'second point about throughput of the whole service',
    ])
  })

  it('has its listings as code, line by line', async () => {
    const listing = [
      { text: 'def run(job):', x: 90, y: 640 },
      { text: 'return job * 2', x: 114, y: 628 },
      { text: '# done', x: 90, y: 604 },
    ].map((line) => ({ ...line, isMono: true }))
    const markdown = await markdownOf([
      ...column(72, 700, ['The worker runs each job and doubles what it is given, as follows.']),
      ...listing,
      ...column(72, 560, ['After the listing the text goes on as any text goes on here.']),
    ])
    assert.deepEqual(
      nodesOf(markdown, 'code').map(({ value }) => value),
      ['def run(job):\n    return job * 2\n\n# done'],
    )
    assert.equal(paragraphsOf(markdown).length, 2)
  })

  it('has a name that stands alone on a line within its sentence', async () => {
    const [first, name, last] = column(72, 700, ['The buffer is given as', 'tl_len', 'to it.'])
    const markdown = await markdownOf([
      ...(first && name && last ? [first, { ...name, isMono: true }, last] : []),
    ])
    assert.deepEqual(paragraphsOf(markdown), ['The buffer is given as tl_len to it.'])
  })

  it('that was typewritten throughout is text', async () => {
    const typed = column(72, 700, ['Every line of this letter', 'was set on one machine.'])
    const markdown = await markdownOf(typed.map((line) => ({ ...line, isMono: true })))
    assert.deepEqual(paragraphsOf(markdown), ['Every line of this letter was set on one machine.'])
  })

  it('cannot forge Markdown', async () => {
    const markdown = await markdownOf(
      column(72, 700, ['[click](javascript:x) <script>alert(1)</script> `x`']),
    )
    assert.deepEqual([...nodesOf(markdown, 'link'), ...nodesOf(markdown, 'html')], [])
    assert.deepEqual(paragraphsOf(markdown), [
      '[click](javascript:x) <script>alert(1)</script> `x`',
    ])
  })

  it('is called what its information says', async () => {
    const { title, facts } = await convertPdf(
      pdfOf([column(72, 700, ['Some words of text for the reader.'])], 'On Queues'),
    )
    assert.deepEqual([title, facts.author], ['On Queues', 'Ann Lee'])
  })

  it('of pictures only is named as scanned', async () => {
    await assert.rejects(convertPdf(pdfOf([[], []])), { reason: 'SCANNED' })
  })

  it('behind a password is named as encrypted', async () => {
    const plain = Buffer.from(pdfOf([column(72, 700, ['secret'])])).toString('latin1')
    const key = `<${'00'.repeat(32)}>`
    const lock = `/Encrypt << /Filter /Standard /V 1 /R 2 /O ${key} /U ${key} /P -4 >> /ID [<00> <00>] >>\nstartxref`
    const locked = Buffer.from(plain.replace(/>>\nstartxref/, lock), 'latin1')
    await assert.rejects(convertPdf(locked), { reason: 'ENCRYPTED' })
  })

  it('that is none fails', async () => {
    await assert.rejects(convertPdf(Buffer.from('%PDF-1.4 nothing')), {
      reason: 'EXTRACTION_FAILED',
    })
  })
})
