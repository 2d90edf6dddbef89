import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { convertDocx } from '../../../src/sources/extraction/docx/convert-docx.ts'
import { nodesOf, plainText } from '../../support/markdown.ts'
import { zipOf } from '../../support/zip.ts'

const w = 'http://schemas.openxmlformats.org/wordprocessingml/2006/main'
const spaces = [
  `xmlns:w="${w}"`,
  'xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math"',
  'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"',
  'xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape"',
  'xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing"',
  'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"',
].join(' ')
const types =
  '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>'
const relation = (id: string, kind: string, target: string) =>
  `<Relationship Id="${id}" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/${kind}" Target="${target}"/>`
const relations = (...all: string[]) =>
  `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">${all.join('')}</Relationships>`

const docxOf = (body: string, parts: Record<string, string> = {}) =>
  zipOf({
    '[Content_Types].xml': types,
    '_rels/.rels': relations(relation('r1', 'officeDocument', 'word/document.xml')),
    'word/_rels/document.xml.rels': relations(
      relation('n', 'numbering', 'numbering.xml'),
      relation('s', 'styles', 'styles.xml'),
      relation('f', 'footnotes', 'footnotes.xml'),
    ),
    'word/document.xml': `<w:document ${spaces}><w:body>${body}</w:body></w:document>`,
    ...Object.fromEntries(Object.entries(parts).map(([name, part]) => [`word/${name}`, part])),
  })

const read = (body: string, parts?: Record<string, string>) =>
  convertDocx(docxOf(body, parts), 'file:///a.docx')
const markdownOf = async (body: string, parts?: Record<string, string>) =>
  (await read(body, parts)).markdown

const run = (text: string) => `<w:r><w:t xml:space="preserve">${text}</w:t></w:r>`
const p = (inner: string, properties = '') => `<w:p><w:pPr>${properties}</w:pPr>${inner}</w:p>`
const mathRun = (text: string) => `<m:r><m:t>${text}</m:t></m:r>`
const math = (inner: string) => `<m:oMath>${inner}</m:oMath>`
const e = (inner: string) => `<m:e>${inner}</m:e>`

describe('an equation of a Word document', () => {
  const x = mathRun('x')
  const rows: readonly (readonly [string, string, string])[] = [
    ['a power', `<m:sSup>${e(x)}<m:sup>${mathRun('2')}</m:sup></m:sSup>`, 'x^{2}'],
    [
      'a power of several letters',
      `<m:sSup>${e(mathRun('ab'))}<m:sup>${x}</m:sup></m:sSup>`,
      '{ab}^{x}',
    ],
    ['an index', `<m:sSub>${e(x)}<m:sub>${mathRun('i')}</m:sub></m:sSub>`, 'x_{i}'],
    [
      'a fraction',
      `<m:f><m:num>${x}</m:num><m:den>${mathRun('y+1')}</m:den></m:f>`,
      '\\frac{x}{y+1}',
    ],
    [
      'a root',
      `<m:rad><m:radPr><m:degHide m:val="1"/></m:radPr><m:deg/>${e(x)}</m:rad>`,
      '\\sqrt{x}',
    ],
    ['a cube root', `<m:rad><m:deg>${mathRun('3')}</m:deg>${e(x)}</m:rad>`, '\\sqrt[3]{x}'],
    [
      'a sum',
      `<m:nary><m:naryPr><m:chr m:val="∑"/></m:naryPr><m:sub>${mathRun('i=1')}</m:sub><m:sup>${mathRun('n')}</m:sup>${e(x)}</m:nary>`,
      '\\sum_{i=1}^{n} x',
    ],
    ['an integral', `<m:nary><m:sub/><m:sup/>${e(x)}</m:nary>`, '\\int x'],
    ['brackets', `<m:d>${e(x)}${e(mathRun('y'))}</m:d>`, '(x|y)'],
    [
      'braces',
      `<m:d><m:dPr><m:begChr m:val="{"/><m:endChr m:val="}"/></m:dPr>${e(x)}</m:d>`,
      '\\{x\\}',
    ],
    ['a function', `<m:func><m:fName>${mathRun('sin')}</m:fName>${e(x)}</m:func>`, '\\sin x'],
    ['a vector', `<m:acc><m:accPr><m:chr m:val="\u20d7"/></m:accPr>${e(x)}</m:acc>`, '\\vec{x}'],
    [
      'a matrix',
      `<m:m><m:mr>${e(mathRun('1'))}${e(mathRun('0'))}</m:mr><m:mr>${e(mathRun('0'))}${e(mathRun('1'))}</m:mr></m:m>`,
      '\\begin{matrix}1 & 0 \\\\ 0 & 1\\end{matrix}',
    ],
    ['what nobody has heard of', `<m:strange>${x}</m:strange>`, 'x'],
    ['signs of LaTeX', mathRun('50% {a}'), '50\\% \\{a\\}'],
  ]
  for (const [name, inner, latex] of rows) {
    it(`is LaTeX in its line: ${name}`, async () => {
      const markdown = await markdownOf(p(run('So ') + math(inner) + run(' holds.')))
      assert.equal(markdown, `So $${latex}$ holds.\n`)
    })
  }

  it('of its own line is a block, in a footnote it is in the footnote', async () => {
    const footnotes = `<w:footnotes ${spaces}><w:footnote w:id="1">${p(run('where ') + math(x))}</w:footnote></w:footnotes>`
    const body = `${p(`${run('See')}<w:r><w:footnoteReference w:id="1"/></w:r>`)}<w:p><m:oMathPara>${math(x)}</m:oMathPara></w:p>`
    const markdown = await markdownOf(body, { 'footnotes.xml': footnotes })
    assert.match(markdown, /\n\$\$\nx\n\$\$\n/)
    assert.match(markdown, /where \$x\$/)
  })

  it('loses no letter, whatever it is made of', async () => {
    const leaf = fc.constantFrom('p', 'q', 'r').map(mathRun)
    const { tree } = fc.letrec<{ tree: string }>((tie) => ({
      tree: fc.oneof(
        { maxDepth: 3 },
        leaf,
        fc
          .tuple(tie('tree'), tie('tree'))
          .map(([a, b]) => `<m:f><m:num>${a}</m:num><m:den>${b}</m:den></m:f>`),
        fc
          .tuple(tie('tree'), tie('tree'))
          .map(([a, b]) => `<m:sSubSup>${e(a)}<m:sub>${b}</m:sub><m:sup>${a}</m:sup></m:sSubSup>`),
        tie('tree').map((a) => `<m:d>${e(a)}</m:d>`),
        tie('tree').map((a) => `<m:unknown>${a}</m:unknown>`),
      ),
    }))
    await fc.assert(
      fc.asyncProperty(tree, async (inner) => {
        const letters = (text: string) => text.replace(/\\[a-z]+/g, '').replace(/[^pqr]/g, '')
        const markdown = await markdownOf(p(math(inner)))
        assert.equal(letters(markdown).length, inner.match(/<m:t>/g)?.length)
      }),
      { numRuns: 40 },
    )
  })
})

describe('a field of a Word document', () => {
  const complex = (...instructions: string[]) =>
    `<w:r><w:fldChar w:fldCharType="begin"/></w:r>${instructions.map((one) => `<w:r><w:instrText xml:space="preserve">${one}</w:instrText></w:r>`).join('')}<w:r><w:fldChar w:fldCharType="separate"/></w:r>${run('the site')}<w:r><w:fldChar w:fldCharType="end"/></w:r>`
  const simple = (instruction: string, text = 'the site') =>
    `<w:fldSimple w:instr="${instruction}">${run(text)}</w:fldSimple>`
  const site = '[the site](https://e.com/x)\n'
  const rows: readonly (readonly [string, string, string])[] = [
    ['simple', simple(' HYPERLINK &quot;https://e.com/x&quot; '), site],
    [
      'simple with a tip',
      simple('HYPERLINK &quot;https://e.com/x&quot; \\o &quot;a tip&quot;'),
      site,
    ],
    ['without quotation marks', simple('HYPERLINK https://e.com/x'), site],
    ['of several runs', complex(' HYPERLINK "https://e.com/x" '), site],
    [
      'of several runs with a tip',
      complex(' HYPERLINK "https://e.com/x" \\o "a tip" \\t "_blank"'),
      site,
    ],
    [
      'to a place of a page',
      complex('HYPERLINK "https://e.com/x" \\l "part"'),
      '[the site](https://e.com/x#part)\n',
    ],
    ['that counts', `${run('Figure ')}${simple(' SEQ Figure ', '3')}`, 'Figure 3\n'],
    [
      'in a field',
      simple('QUOTE', '').replace(run(''), simple('HYPERLINK &quot;https://e.com/x&quot;')),
      site,
    ],
  ]
  for (const [name, inner, expected] of rows) {
    it(`${name} keeps its text and its link`, async () => {
      assert.equal(await markdownOf(p(inner)), expected)
    })
  }
})

describe('the numbers of a Word document', () => {
  const level = (ilvl: number, format: string, text: string, start = 1) =>
    `<w:lvl w:ilvl="${ilvl}"><w:start w:val="${start}"/><w:numFmt w:val="${format}"/><w:lvlText w:val="${text}"/></w:lvl>`
  const numbering = (...levels: string[]) => ({
    'numbering.xml': `<w:numbering xmlns:w="${w}"><w:abstractNum w:abstractNumId="0">${levels.join('')}</w:abstractNum><w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num><w:num w:numId="2"><w:abstractNumId w:val="0"/><w:lvlOverride w:ilvl="0"><w:startOverride w:val="1"/></w:lvlOverride></w:num></w:numbering>`,
    'styles.xml': `<w:styles xmlns:w="${w}"><w:style w:type="paragraph" w:styleId="Heading1"><w:name w:val="heading 1"/><w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr></w:style><w:style w:type="paragraph" w:styleId="Heading2"><w:name w:val="heading 2"/><w:basedOn w:val="Heading1"/><w:pPr><w:numPr><w:ilvl w:val="1"/></w:numPr></w:pPr></w:style></w:styles>`,
  })
  const item = (text: string, ilvl = 0, list = 1) =>
    p(run(text), `<w:numPr><w:ilvl w:val="${ilvl}"/><w:numId w:val="${list}"/></w:numPr>`)
  const decimal = numbering(level(0, 'decimal', '%1.'), level(1, 'decimal', '%1.%2'))

  it('go on after what interrupts a list, and begin anew where they are told to', async () => {
    const body = [
      item('one'),
      item('two'),
      p(run('between')),
      item('three'),
      p(run('then')),
      item('again', 0, 2),
      item('on', 0, 2),
    ]
    assert.equal(
      await markdownOf(body.join(''), decimal),
      '1. one\n2. two\n\nbetween\n\n3. three\n\nthen\n\n1. again\n2. on\n',
    )
  })

  it('stand before headings', async () => {
    const heading = (text: string, depth: number) =>
      p(run(text), `<w:pStyle w:val="Heading${depth}"/>`)
    const body = [
      heading('Quay', 1),
      heading('Wall', 2),
      heading('Crane', 2),
      heading('Dock', 1),
      heading('Gate', 2),
    ]
    const markdown = await markdownOf(body.join(''), decimal)
    assert.deepEqual(nodesOf(markdown, 'heading').map(plainText), [
      '1. Quay',
      '1.1 Wall',
      '1.2 Crane',
      '2. Dock',
      '2.1 Gate',
    ])
  })

  it('are kept as they are shown where Markdown has no such numbers', async () => {
    const shown: readonly (readonly [string, string, string])[] = [
      ['lowerLetter', '(%1)', '(c)'],
      ['upperRoman', '%1.', 'III.'],
      ['decimal', '§ %1', '§ 3'],
      ['decimalZero', '%1', '03'],
    ]
    for (const [format, text, label] of shown) {
      const markdown = await markdownOf(
        ['a', 'b', 'c'].map((one) => item(one)).join(''),
        numbering(level(0, format, text)),
      )
      assert.deepEqual(nodesOf(markdown, 'listItem').map(plainText).at(-1), `${label} c`)
    }
    const bullets = await markdownOf(item('a'), numbering(level(0, 'bullet', '•')))
    assert.equal(bullets, '- a\n')
  })

  it('count on and on, for any list with anything between its items', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.boolean(), { minLength: 1, maxLength: 8 }),
        fc.integer({ min: 1, max: 40 }),
        async (kinds, start) => {
          let count = start - 1
          const body = kinds.map((isItem, at) => {
            if (!isItem) return p(run(`text ${at}`))
            count += 1
            return item(`number ${count}`)
          })
          const markdown = await markdownOf(
            body.join(''),
            numbering(level(0, 'decimal', '%1.', start)),
          )
          const said = [...markdown.matchAll(/^(\d+)\. number (\d+)$/gm)]
          assert.equal(said.length, kinds.filter(Boolean).length)
          for (const [, number, text] of said) assert.equal(number, text)
        },
      ),
      { numRuns: 25 },
    )
  })
})

describe('what a Word document shows in other ways', () => {
  const box = (text: string) =>
    `<wps:wsp><wps:txbx><w:txbxContent>${p(run(text))}</w:txbxContent></wps:txbx></wps:wsp>`
  const drawing = (inner: string) =>
    `<w:drawing><wp:inline><a:graphic><a:graphicData>${inner}</a:graphicData></a:graphic></wp:inline></w:drawing>`

  it('is read: a text box that has the new form only', async () => {
    for (const inner of [
      drawing(box('Boxed words.')),
      `<mc:AlternateContent><mc:Choice Requires="wps">${drawing(box('Boxed words.'))}</mc:Choice></mc:AlternateContent>`,
      `<mc:AlternateContent><mc:Choice Requires="wps">${drawing(box('Boxed words.'))}</mc:Choice><mc:Fallback/></mc:AlternateContent>`,
    ]) {
      const markdown = await markdownOf(
        p(run('Before.')) + p(`<w:r>${inner}</w:r>`) + p(run('After.')),
      )
      assert.equal(markdown, 'Before.\n\nBoxed words.\n\nAfter.\n')
    }
  })

  it('is read: ruby with its reading behind the word', async () => {
    const ruby = `<w:r><w:ruby><w:rt>${run('みなと')}</w:rt><w:rubyBase>${run('港')}</w:rubyBase></w:ruby></w:r>`
    assert.equal(await markdownOf(p(run('この') + ruby + run('の'))), 'この港(みなと)の\n')
  })

  it('is named when it cannot be', async () => {
    const comments = `<w:comments xmlns:w="${w}"><w:comment w:id="1">${p(run('why?'))}</w:comment><w:comment w:id="2"/></w:comments>`
    const { notes } = await read(p(`${run('Text')}<w:strange>${run('lost')}</w:strange>`), {
      'comments.xml': comments,
      'charts/chart1.xml': '<c/>',
    })
    assert.deepEqual(notes.slice(1), [
      '2 comments were left out.',
      '1 charts were left out.',
      'Parts that the reader of Word documents does not know were left out: w:strange.',
    ])
  })
})
