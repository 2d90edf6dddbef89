import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { convertPdf } from '../../../src/sources/extraction/pdf/pdf.ts'
import { nodesOf, plainText } from '../../support/markdown.ts'
import { type Placed, pdfOf } from '../../support/pdf.ts'

const markdownOf = async (...pages: Placed[][]) => (await convertPdf(pdfOf(pages))).markdown

/** Rows of cells, each column at its place. */
const rows = (columns: readonly number[], y: number, lines: readonly (readonly string[])[]) =>
  lines.flatMap((cells, row) =>
    cells.flatMap((text, column): Placed[] =>
      text === '' ? [] : [{ text, x: columns[column] ?? 0, y: y - row * 14 }],
    ),
  )

const cellsOf = (markdown: string) =>
  nodesOf(markdown, 'tableRow').map((row) => row.children.map(plainText))

const prose: Placed = {
  text: 'Each queue was measured on the same machine for ten minutes.',
  x: 72,
  y: 740,
}

describe('a table of a PDF', () => {
  it('is a table when three lines have their cells in the same columns', async () => {
    const table = [
      ['Queue', 'Jobs a second', 'Latency'],
      ['Disk', '1,200', '8 ms'],
      ['Memory', '95,000', '1 ms'],
    ]
    const after = { ...prose, text: 'The numbers say what they say.', y: 640 }
    const markdown = await markdownOf([prose, ...rows([72, 200, 320], 700, table), after])
    assert.deepEqual(cellsOf(markdown), table)
    assert.equal(nodesOf(markdown, 'paragraph').length, 2)
  })

  it('keeps its empty cells, and the second line of a cell with the first', async () => {
    const markdown = await markdownOf([
      prose,
      ...rows([72, 200, 380], 700, [
        ['Option', 'Meaning', 'Since'],
        ['retries', 'how often a job is tried', '1.0'],
        ['pause', 'the time between two', '1.4'],
        ['', 'tries, in seconds', ''],
        ['strict', '', '2.0'],
      ]),
    ])
    assert.deepEqual(cellsOf(markdown), [
      ['Option', 'Meaning', 'Since'],
      ['retries', 'how often a job is tried', '1.0'],
      ['pause', 'the time between two tries, in seconds', '1.4'],
      ['strict', '', '2.0'],
    ])
  })

  it('with a cell over two columns begins below that cell', async () => {
    const markdown = await markdownOf([
      { text: 'A heading that stands over two columns', x: 180, y: 714 },
      { text: 'Kind', x: 72, y: 714 },
      ...rows([72, 180, 300], 700, [
        ['disk', 'slow', 'safe'],
        ['tape', 'slower', 'safer'],
        ['memory', 'fast', 'lost'],
      ]),
    ])
    assert.equal(cellsOf(markdown).length, 3)
  })

  const others: [string, Placed[]][] = [
    [
      'two lines of cells',
      rows([72, 300], 700, [
        ['Name', 'Ann Lee'],
        ['City', 'Basel'],
      ]),
    ],
    [
      'words that happen to be far apart',
      [
        [72, 300],
        [104, 336],
        [136, 372],
      ].flatMap(([left = 0, right = 0], row) => [
        { text: 'some words here', x: left, y: 700 - row * 14 },
        { text: 'and more there', x: right, y: 700 - row * 14 },
      ]),
    ],
    [
      'formulas with their numbers',
      rows([150, 480], 700, [
        ['a = b + c', '(2.1)'],
        ['d = e + f', '(2.2)'],
        ['g = h + i', '(2.3)'],
      ]),
    ],
    [
      'a list whose marks stand far from its text',
      rows([72, 110], 700, [
        ['1.', 'Take the job'],
        ['2.', 'Do the work'],
        ['3.', 'Say so'],
      ]),
    ],
    [
      'a listing',
      rows([72, 300], 700, [
        ['int a;', '// first'],
        ['int b;', '// second'],
        ['int c;', '// third'],
      ]).map((line) => ({ ...line, isMono: true })),
    ],
  ]
  for (const [what, placed] of others) {
    it(`is not made of ${what}`, async () => {
      const page = [prose, { ...prose, y: 726 }, { ...prose, y: 500 }, ...placed]
      assert.deepEqual(cellsOf(await markdownOf(page)), [])
    })
  }
})

describe('a bold line of a PDF', () => {
  const text = (y: number): Placed[] => [
    { text: 'Work that waits is kept by the queue until somebody has time', x: 72, y },
    { text: 'for it, and nothing is lost in between.', x: 72, y: y - 12 },
  ]

  it('that stands apart above text is a heading below those by size', async () => {
    const markdown = await markdownOf([
      { text: 'Queues', x: 72, y: 740, size: 20 },
      ...text(710),
      { text: 'Delivery guarantees', x: 72, y: 670, isBold: true },
      ...text(655),
    ])
    assert.deepEqual(
      nodesOf(markdown, 'heading').map((node) => [node.depth, plainText(node)]),
      [
        [1, 'Queues'],
        [2, 'Delivery guarantees'],
      ],
    )
  })

  it('within text, or in a document set in bold, is text', async () => {
    const within = [
      ...text(710),
      { text: 'Never lose a job.', x: 72, y: 686, isBold: true },
      ...text(674),
    ]
    const throughout = [...text(710), ...text(670), ...text(630)].map((line) => ({
      ...line,
      isBold: true,
    }))
    for (const page of [within, throughout]) {
      assert.deepEqual(nodesOf(await markdownOf(page), 'heading'), [])
    }
  })
})

describe('a list of a PDF', () => {
  it('is numbered when its numbers count from one, and holds its inner list', async () => {
    const lines: Placed[] = [
      { text: '1. Take a job', x: 72, y: 700 },
      { text: '2. Do it', x: 72, y: 688 },
      { text: '\u2022 once, or', x: 96, y: 676 },
      { text: '\u2022 at least once', x: 96, y: 664 },
      { text: '3. Say that it is done', x: 72, y: 652 },
    ].map((line) => ({ ...line, text: line.text.replace('\u2022', '\u0095') }))
    const markdown = await markdownOf([prose, ...lines])
    const [outer, inner] = nodesOf(markdown, 'list')
    assert.deepEqual([outer?.ordered, outer?.children.length], [true, 3])
    assert.deepEqual([inner?.ordered, inner?.children.length], [false, 2])
    assert.match(plainText(outer?.children[1] ?? { type: 'text', value: '' }), /once, or/)
  })

  it('is none when its numbers do not count', async () => {
    const markdown = await markdownOf([
      prose,
      { text: '42. That is how many jobs there were.', x: 72, y: 700 },
      { text: '7. Seven of them failed.', x: 72, y: 688 },
    ])
    assert.deepEqual(nodesOf(markdown, 'list'), [])
    assert.match(markdown, /42\\?\. That is/)
  })
})
