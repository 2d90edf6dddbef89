import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { storable } from '../src/events/storable.ts'
import { sectionOf } from '../src/mcp/resources/research-sections.ts'
import { chunkLines, codeLines, onlyRemoves } from '../src/research/cleaning/clean-markdown.ts'
import { containAnswer } from '../src/research/compile/contain-answer.ts'
import { containMarkdown } from '../src/research/compile/contain-markdown.ts'
import { htmlText, inlineLink, inlineText } from '../src/research/compile/inline-text.ts'
import { articleSubject } from '../src/research/planning/article-subject.ts'
import { languageOfText } from '../src/research/planning/facet-languages.ts'
import { keyPhrases } from '../src/research/planning/key-phrases.ts'
import { outlineOf } from '../src/research/planning/outline.ts'
import { sectionCoverage } from '../src/research/planning/section-coverage.ts'
import { topicalSentences } from '../src/research/planning/sentences.ts'
import { termsIn } from '../src/research/planning/terms.ts'
import { canonicalUrl } from '../src/sources/canonical-url.ts'
import { robotsRules } from '../src/sources/fetch/robots-rules.ts'
import { clipLines, clipText } from '../src/sources/files/clip-text.ts'
import { codeFence } from '../src/sources/files/code-fence.ts'
import { withoutEmbeddedImages } from '../src/sources/files/embedded-images.ts'
import { normaliseFileName } from '../src/sources/files/file-name.ts'
import { isWithinBounds } from '../src/sources/files/json-bounds.ts'
import { notebookToMarkdown } from '../src/sources/files/notebook.ts'
import { uploadedText } from '../src/sources/files/uploaded-text.ts'
import { linksInGuideline } from '../src/sources/guideline/guideline-links.ts'
import { linkKind } from '../src/sources/link-kind.ts'
import { fenceUntrusted } from '../src/sources/untrusted-text.ts'
import { visibleLine, visibleText } from '../src/visible-text.ts'

/** What reads texts of others on the event loop, or in a process with a limit of time. */
const readers: Readonly<Record<string, (text: string) => unknown>> = {
  articleSubject: (text) => articleSubject(text.slice(0, 300)),
  canonicalUrl: (text) => canonicalUrl(`https://a.example/${text}`),
  chunkLines: (text) => chunkLines(text.split('\n')),
  clipLines: (text) => clipLines(text, 1_000),
  clipText: (text) => clipText(text, 1_000),
  codeFence,
  codeLines: (text) => codeLines(text.split('\n')),
  containAnswer: (text) => containAnswer(text, { numbers: [1], linkable: new Set() }),
  containMarkdown,
  fenceUntrusted: (text) => fenceUntrusted(text, { label: 'a text' }),
  htmlText,
  inlineLink,
  inlineText,
  isWithinBounds: (text) => isWithinBounds(text, { depth: 1e9, values: 1e9 }),
  keyPhrases: (text) => outlineOf(text).map(keyPhrases),
  languageOfText,
  linkKind: (text) => linkKind(`https://a.example/${text}`),
  linksInGuideline,
  normaliseFileName: (text) => {
    try {
      return normaliseFileName(`${text}.md`)
    } catch {
      return null
    }
  },
  notebookToMarkdown: (text) =>
    notebookToMarkdown(
      JSON.stringify({
        nbformat: 4,
        cells: [
          { cell_type: 'markdown', source: text },
          { cell_type: 'code', source: text, outputs: [{ output_type: 'stream', text }] },
        ],
      }),
    ),
  onlyRemoves: (text) => onlyRemoves(text, text.slice(text.length / 2)),
  outlineOf,
  sectionCoverage: (text) =>
    sectionCoverage({
      guidelineText: text,
      title: text.slice(0, 300),
      linkTitles: [],
      sourceExcerpts: [{ title: 'A', excerpt: text }],
      pastQueries: [],
      results: [],
    }),
  robotsRules: (text) => robotsRules('https://a.example', text, 'Nova'),
  sectionOf: (text) => sectionOf(text, 'Sources'),
  storable,
  termsIn,
  topicalSentences,
  uploadedText: (text) => {
    try {
      return uploadedText(Buffer.from(text), 'a text')
    } catch {
      return null
    }
  },
  visibleLine,
  visibleText,
  withoutEmbeddedImages,
}

const repeated = [
  'a',
  ' ',
  '\n',
  '\t',
  '\r',
  '\0',
  '*',
  '**a',
  '_',
  '_a',
  '`',
  '` ',
  '~',
  '~~~\n',
  '```\n',
  '[',
  ']',
  '[]',
  '[a](',
  '![',
  '(',
  ')',
  '(a',
  '<',
  '>',
  '<a',
  '<a ',
  '<!--',
  '</',
  '<b>',
  '<http://a.b/',
  '&',
  '&amp',
  '&#',
  '"',
  "'",
  '\\',
  '|',
  '| a ',
  '|-',
  '- ',
  '- a\n',
  '1. ',
  '# ',
  '# a\n',
  'a\n=',
  'a\n-\n',
  '=',
  '-',
  '.',
  'a.',
  'a. A',
  '!',
  ':',
  ': a',
  ',',
  ', a',
  'and ',
  'explain ',
  'write the ',
  'http://',
  'http://a.b',
  'www.',
  'a@a.',
  '[^a]',
  '[^a]: b\n',
  '[a]: b\n',
  'data:image/',
  'data:image/a;a',
  '(see ',
  '\u200b',
  '\ud800',
  'é',
  'e\u0301',
  '👩‍👩',
  '漢',
  '%',
  '%2',
  '../',
  '/',
  ' a',
  '\n a',
  '\n\n',
  '> ',
  '  - a\n',
  '{',
  '{"a":',
  '[1] ',
  '【1】',
  '[1',
  'section 1 ',
  '\x1b[',
]

const short = 12_000
const long = 4 * short

const cpuMs = (work: () => unknown): number => {
  const before = process.cpuUsage()
  work()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000
}

/*
 * Four times the text may take eight times as long, and anything may take what no request notices. The time
 * counted is the process's own, so that other work on the machine does not matter.
 */
describe('the time of', () => {
  for (const [name, read] of Object.entries(readers)) {
    it(`${name} grows with its text, whatever is repeated in it`, () => {
      const slow = repeated.flatMap((unit) => {
        const text = unit.repeat(Math.ceil(long / unit.length))
        const first = cpuMs(() => read(text))
        if (first < 150) return []
        const some = () => cpuMs(() => read(text.slice(0, short)))
        // The slower of two, as the whole text counts by its faster: one that is quadratic still takes sixteen times as long.
        const quarter = Math.max(some(), some())
        const again = Math.min(
          first,
          cpuMs(() => read(text)),
        )
        return again > 150 && again > 8 * quarter ? [`${JSON.stringify(unit)}: ${again} ms`] : []
      })
      assert.deepEqual(slow, [])
    })
  }
})
