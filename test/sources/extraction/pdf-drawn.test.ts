import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { lineJoiner } from '../../../src/sources/extraction/pdf/join-lines.ts'
import { pageLines } from '../../../src/sources/extraction/pdf/page-lines.ts'
import { convertPdf } from '../../../src/sources/extraction/pdf/pdf.ts'
import { nodesOf, plainText } from '../../support/markdown.ts'
import { cjkPdfOf, type Placed, pdfOf } from '../../support/pdf.ts'

const markdownOf = async (...pages: Placed[][]) => (await convertPdf(pdfOf(pages))).markdown
const proseAt = (y: number): Placed[] =>
  Array.from({ length: 6 }, (_, n) => ({
    text: `Sentence ${n} of the survey tells something about the quay.`,
    x: 72,
    y: y - n * 12,
  }))
const headings = (markdown: string) => nodesOf(markdown, 'heading').map(plainText)

describe('a PDF in Chinese, Japanese or Korean whose fonts are not in the file', () => {
  const rows = [
    ['STSong-Light', 'UniGB-UCS2-H', 'GB1', ['码头在春天完工。', '工人们每天搬运石头。']],
    ['MSung-Light', 'UniCNS-UCS2-H', 'CNS1', ['碼頭在春天完工。', '工人們每天搬運石頭。']],
    ['HeiseiMin-W3', 'UniJIS-UCS2-H', 'Japan1', ['埠頭は春に完成した。', '毎日石を運んだ。']],
    [
      'HYSMyeongJo-Medium',
      'UniKS-UCS2-H',
      'Korea1',
      ['부두는 봄에 완공되었다.', '매일 돌을 날랐다.'],
    ],
  ] as const
  for (const [font, encoding, ordering, lines] of rows) {
    it(`is read in ${ordering}`, async () => {
      const { markdown } = await convertPdf(cjkPdfOf(lines, { font, encoding, ordering }))
      assert.equal(markdown.trim(), lines.join(ordering === 'Korea1' ? ' ' : ''))
    })
  }

  it('is read from right to left where its lines run down the page', async () => {
    const lines = ['埠頭は春に完成した。', '毎日石を運んだ。']
    const font = { font: 'HeiseiMin-W3', encoding: 'UniJIS-UCS2-V', ordering: 'Japan1' }
    assert.equal((await convertPdf(cjkPdfOf(lines, font))).markdown.trim(), lines.join(''))
  })

  it('in a font that nobody can read is not called a scan', async () => {
    const font = { font: 'Own', encoding: 'Identity-H', ordering: 'Identity' }
    await assert.rejects(convertPdf(cjkPdfOf(['\u0001\u0002\u0003'.repeat(9)], font)), (error) => {
      assert.ok(error instanceof Error && 'reason' in error)
      assert.notEqual(error.reason, 'SCANNED')
      return true
    })
  })
})

describe('raised and lowered marks of a PDF', () => {
  const sentence = (mark: string, size: number, rise: number, after: string): Placed[] => [
    ...proseAt(700),
    // Ten digits in Helvetica of 10 points are 55.6 points wide.
    { text: '1234567890', x: 72, y: 500 },
    { text: mark, x: 127.8, y: 500 + rise, size },
    { text: after, x: 127.8 + mark.length * size * 0.556 + 0.3, y: 500 },
  ]

  it('stay with their number, whatever their size and rise', async () => {
    const cases = fc.tuple(
      fc.constantFrom('6', '12', '-3'),
      fc.constantFrom(5, 6, 7, 8),
      fc.constantFrom(2.5, 3.3, 4, 5, 6),
    )
    await fc.assert(
      fc.asyncProperty(cases, async ([mark, size, rise]) => {
        const raised = [...mark].map((digit) => '⁰¹²³⁴⁵⁶⁷⁸⁹'[Number(digit)] ?? '⁻').join('')
        const markdown = await markdownOf(sentence(mark, size, rise, ' metres of wall'))
        assert.match(markdown, new RegExp(`1234567890${raised} metres of wall`))
      }),
      { numRuns: 25 },
    )
  })

  it('are lowered digits in formulas, ordinals as they are, and other words named', async () => {
    assert.match(await markdownOf(sentence('2', 6, -3, 'O was found')), /1234567890₂O was found/)
    assert.match(await markdownOf(sentence('th', 6, 4, ' of May')), /1234567890th of May/)
    assert.match(await markdownOf(sentence('km', 6, 4, ' of it')), /1234567890\\?\^km of it/)
    assert.match(await markdownOf(sentence('6', 10, 4, ' m')), /1234567890⁶ m/, 'lifted only')
    assert.match(await markdownOf(sentence('\xb0', 6, 4, 'C in May')), /1234567890°C in May/)
  })

  it('are no initial over three lines, and no small print beside a number', async () => {
    const initial: Placed[] = [
      { text: 'T', x: 72, y: 476, size: 30 },
      { text: 'he quay was', x: 92, y: 500 },
      ...proseAt(440),
    ]
    assert.match(await markdownOf(initial), /he quay was/)
    const apart = [
      ...proseAt(700),
      { text: 'Total 100', x: 72, y: 500 },
      { text: '7', x: 200, y: 504, size: 6 },
    ]
    assert.doesNotMatch(await markdownOf(apart), /⁷/)
  })
})

describe('text of a PDF that runs another way', () => {
  for (const turn of [0, 90, 180, 270]) {
    it(`is read as any other when all of the page is turned by ${turn} degrees`, async () => {
      const place = (x: number, y: number): Pick<Placed, 'x' | 'y' | 'turn'> => {
        if (turn === 90) return { x: 612 - y, y: x, turn }
        if (turn === 180) return { x: 612 - x, y: 792 - y, turn }
        return turn === 270 ? { x: y, y: 792 - x, turn } : { x, y, turn }
      }
      const page: Placed[] = [
        { text: 'The Quay', size: 18, ...place(72, 560) },
        ...['The quay was built in the', 'spring of that year.'].map((text, n) => ({
          text,
          ...place(72, 520 - n * 12),
        })),
      ]
      const { markdown } = await convertPdf(pdfOf([page], { rotate: turn }))
      assert.equal(markdown, '# The Quay\n\nThe quay was built in the spring of that year.\n')
    })
  }

  it('is no heading, whatever its size, and stands behind its page', async () => {
    for (const turn of [90, 270, 45, 180]) {
      const stamp = { text: 'stamped 17 May', x: 300, y: 300, size: 40, turn }
      const markdown = await markdownOf([
        { text: 'The Quay', x: 72, y: 740, size: 18 },
        ...proseAt(700),
        stamp,
      ])
      assert.deepEqual(headings(markdown), ['The Quay'])
      assert.match(markdown, /\n\nstamped 17 May\n$/)
    }
  })

  it('that is a watermark on every page is left out', async () => {
    const page = (n: number): Placed[] => [
      ...proseAt(700 - n),
      { text: 'CONFIDENTIAL', x: 200, y: 300, size: 60, turn: 45 },
    ]
    assert.doesNotMatch(await markdownOf(page(0), page(1), page(2)), /CONFIDENTIAL/)
  })
})

describe('text of a PDF that is drawn twice', () => {
  it('is there once, and words that are said twice are there twice', async () => {
    const shadow = [0, 0.4, 0.8].map((by) => ({
      text: 'Harbour Report',
      x: 72 + by,
      y: 740 - by,
      size: 18,
    }))
    const again = [
      { text: 'again', x: 72, y: 500 },
      { text: 'again', x: 110, y: 500 },
    ]
    const markdown = await markdownOf([...shadow, ...proseAt(700), ...again])
    assert.deepEqual(headings(markdown), ['Harbour Report'])
    assert.match(markdown, /again again/)
  })
})

describe('an accent of an old font', () => {
  it('is part of its letter', async () => {
    const text = 'The r\xb4esum\xb4e of M\xa8uller is short'
    assert.match(await markdownOf([{ text, x: 72, y: 700 }]), /The résumé of Müller is short/)
  })
})

describe('the form of a PDF', () => {
  it('is read with what was filled in, beside its labels', async () => {
    const widget = (rect: string, more: string) =>
      `<< /Type /Annot /Subtype /Widget /Rect [${rect}] /F 4 ${more} >>`
    const labels = ['Name:', 'Berth:', 'Cargo:', 'Secret:', 'Agreed'].map((text, n) => ({
      text,
      x: 72,
      y: 600 - n * 40,
    }))
    const annotations = [
      widget('150 596 300 612', '/FT /Tx /T (name) /V (Ada Quay)'),
      widget('150 556 300 572', '/FT /Ch /T (berth) /Opt [(North) (South)] /V (South)'),
      widget('150 476 300 492', '/FT /Tx /Ff 8192 /T (secret) /V (hunter2)'),
      widget(
        '55 436 67 448',
        '/FT /Btn /T (agreed) /V /Yes /AS /Yes /AP << /N << /Yes 3 0 R /Off 3 0 R >> >>',
      ),
      '<< /Type /Annot /Subtype /FreeText /Rect [72 300 300 320] /F 4 /Contents (typed onto it) /DA (/F1 10 Tf) >>',
    ]
    const { markdown } = await convertPdf(pdfOf([[...proseAt(740), ...labels]], { annotations }))
    assert.match(markdown, /Name:\s+Ada Quay/)
    assert.match(markdown, /Berth:\s+South/)
    assert.match(markdown, /☒ Agreed/)
    assert.match(markdown, /typed onto it/)
    assert.doesNotMatch(markdown, /hunter2/)
  })
})

describe('what a PDF holds that cannot be read', () => {
  it('is named: pages without text', async () => {
    const { notes } = await convertPdf(pdfOf([proseAt(700), [], []]))
    assert.ok(notes.includes('2 of the pages hold no text, at most pictures.'), notes.join())
  })
})

describe('a line of a PDF that runs leftward', () => {
  it('has its words in the order in which they are read', () => {
    const items = ['שלום', 'עולם', 'PDF', '2026'].map((text, n) => ({
      ...{ text, x: 400 - n * 50, y: 700, width: 44, size: 10 },
      ...{ isMono: false, isBold: false },
    }))
    const [line] = pageLines(items.toReversed(), 1, 612)
    assert.equal(line?.text, 'שלום עולם PDF 2026')
    const [latin] = pageLines(
      items.map((item, n) => ({ ...item, text: `word${n}` })),
      1,
      612,
    )
    assert.equal(latin?.text, 'word3 word2 word1 word0')
  })
})

describe('two lines of a PDF', () => {
  const rows: readonly (readonly [string, string, string])[] = [
    ['the years 2019-', '2021 of it', 'the years 2019-2021 of it'],
    ['pages 10\u2013', '12', 'pages 10\u201312'],
    ['state-of-the-', 'art', 'state-of-the-art'],
    ['a well-', 'known man', 'a well-known man'],
    ['the well-', 'ness of it', 'the wellness of it'],
    ['Jean-', 'Paul', 'Jean-Paul'],
    ['OP-', 'TIONAL', 'OPTIONAL'],
    ['a COVID-', '19 case', 'a COVID-19 case'],
    ['pre-', 'and post-war', 'pre- and post-war'],
    ['Hafen-', 'und Werftbau', 'Hafen- und Werftbau'],
    ['infor-', 'mation', 'information'],
    ['infor\u00ad', 'mation', 'information'],
    ['infor\u2010', 'mation', 'information'],
    ['it stood -', 'for years', 'it stood - for years'],
    ['港口的', '墙', '港口的墙'],
    ['부두는', '봄에', '부두는 봄에'],
  ]
  for (const [above, below, joined] of rows) {
    it(`${above} | ${below}`, () => assert.equal(lineJoiner([above, below])(above, below), joined))
  }

  it('are joined as the document writes the word elsewhere', () => {
    const join = (said: string) =>
      lineJoiner([said, 'the co-', 'operation'])('the co-', 'operation')
    assert.equal(join('their co-operation was'), 'the co-operation')
    assert.equal(join('their cooperation was'), 'the cooperation')
  })

  it('lose no letter and no digit, for any two', () => {
    const line = fc.string({
      unit: fc.constantFrom(...'abzÄ09-\u2010 港'),
      minLength: 1,
      maxLength: 12,
    })
    fc.assert(
      fc.property(line, line, (above, below) => {
        const kept = (text: string) => text.replace(/[^\p{L}\p{N}]/gu, '')
        assert.equal(kept(lineJoiner([above, below])(above, below)), kept(above + below))
      }),
    )
  })
})
