import { fileURLToPath } from 'node:url'
import { getDocumentProxy, getMeta } from 'unpdf'
import { visibleLine } from '../../../visible-text.ts'
import { SourceFailure } from '../../source-failure.ts'
import type { Converted } from '../converted.ts'
import { markdownOf } from '../markdown-tree.ts'
import { blocksOf } from './blocks.ts'
import { createFontFaces } from './font-faces.ts'
import { pageItems } from './page-items.ts'
import { pageLines, turnedLines } from './page-lines.ts'
import { withoutRunningHeads } from './running-heads.ts'
import type { TextLine } from './text-item.ts'

const pagesMax = 300
/** Below this many characters a page on average, the pages are pictures. */
const scannedBelow = 10

type Pdf = Awaited<ReturnType<typeof getDocumentProxy>>

/** Tables of East Asian characters and the fonts that every reader has; a file may name them and not hold them. */
const resource = (folder: string): string =>
  fileURLToPath(new URL(`./resources/${folder}/`, import.meta.url))

/** A PDF as Markdown. Throws ENCRYPTED, SCANNED and EXTRACTION_FAILED. */
export async function convertPdf(bytes: Uint8Array): Promise<Converted> {
  const pdf = await openPdf(bytes)
  try {
    const { pages, height, turned, drawsText } = await readPages(pdf)
    const characters = pages.map((own) => own.reduce((sum, { text }) => sum + readable(text), 0))
    const silent = characters.filter((count) => count < scannedBelow).length
    if (silent === pages.length && drawsText) throw new SourceFailure('EXTRACTION_FAILED', unmapped)
    if (silent === pages.length) throw new SourceFailure('SCANNED')
    const lines = withoutRunningHeads(pages, height).map((own, page) => [
      ...own,
      ...(turned[page] ?? []),
    ])
    const blocks = blocksOf(lines.flat())
    const [heading] = blocks.filter((block) => block.type === 'heading')
    const first = heading?.children[0]
    const facts = await pdfFacts(pdf)
    const notes = [`PDF of ${pdf.numPages} pages.`]
    if (pdf.numPages > pagesMax) notes.push(`Only the first ${pagesMax} pages were read.`)
    if (silent > 0) notes.push(`${silent} of the pages hold no text, at most pictures.`)
    notes.push(...(await leftOut(pdf)))
    return {
      title: facts.title || (first?.type === 'text' ? first.value : ''),
      markdown: markdownOf(blocks),
      facts: facts.author ? { author: facts.author } : {},
      notes,
    }
  } finally {
    await pdf.loadingTask.destroy()
  }
}

async function openPdf(bytes: Uint8Array): Promise<Pdf> {
  try {
    // It takes the buffer for itself, so it gets a copy. Pictures are never shown, so none is unpacked.
    return await getDocumentProxy(new Uint8Array(bytes), {
      verbosity: 0,
      maxImageSize: 1,
      cMapUrl: resource('cmaps'),
      cMapPacked: true,
      standardFontDataUrl: resource('standard-fonts'),
      useWorkerFetch: false,
    })
  } catch (error) {
    const isLocked = error instanceof Error && error.name === 'PasswordException'
    throw new SourceFailure(isLocked ? 'ENCRYPTED' : 'EXTRACTION_FAILED', undefined, {
      cause: error,
    })
  }
}

interface ReadPages {
  pages: TextLine[][]
  /** What runs across the text of each page, in its place behind it. */
  turned: TextLine[][]
  height: number
  /** Whether a page without text draws characters all the same. */
  drawsText: boolean
}

/** Characters that mean something to a reader: a font without a map gives its own numbers. */
const readable = (text: string): number => text.match(/[^\p{Cc}\p{Co}\p{Cn}\ufffd]/gu)?.length ?? 0

const unmapped = 'its fonts do not say which characters they draw'

async function readPages(pdf: Pdf): Promise<ReadPages> {
  const pages: TextLine[][] = []
  const turned: string[][] = []
  const facesOf = createFontFaces()
  let height = 0
  let drawsText = false
  for (let number = 1; number <= Math.min(pdf.numPages, pagesMax); number += 1) {
    const page = await pdf.getPage(number)
    const read = await pageItems(page, facesOf)
    height = Math.max(height, read.height)
    pages.push(pageLines(read.items, number, read.width))
    turned.push(read.turned)
    const seen = read.items.reduce((sum, { text }) => sum + readable(text), 0)
    if (number <= 3 && seen < scannedBelow) drawsText ||= (await drawnGlyphs(page)) >= scannedBelow
    page.cleanup()
  }
  return { pages, turned: turnedLines(turned), height, drawsText }
}

async function drawnGlyphs(page: Awaited<ReturnType<Pdf['getPage']>>): Promise<number> {
  const operators = await page.getOperatorList().catch(() => null)
  const shown = operators?.fnArray.flatMap((operator, at) => {
    const [glyphs]: unknown[] = operator === showTextOperator ? (operators.argsArray[at] ?? []) : []
    return Array.isArray(glyphs) ? glyphs : []
  })
  return shown?.length ?? 0
}

/** `OPS.showText` of the engine. */
const showTextOperator = 44

/** What the engine knows of a file and its text does not hold. */
async function leftOut(pdf: Pdf): Promise<string[]> {
  const attached: unknown = await pdf.getAttachments().catch(() => null)
  const count = attached && typeof attached === 'object' ? Object.keys(attached).length : 0
  const { info } = await getMeta(pdf).catch(() => ({ info: {} as Record<string, unknown> }))
  return [
    ...(count > 0 ? [`${count} attached files were left out.`] : []),
    ...(info.IsXFAPresent === true
      ? ['Its form is of a kind (XFA) of which only the page is read.']
      : []),
  ]
}

async function pdfFacts(pdf: Pdf): Promise<{ title: string; author: string }> {
  const { info } = await getMeta(pdf).catch(() => ({ info: {} as Record<string, unknown> }))
  const said = (name: string) => {
    const value: unknown = info[name]
    return typeof value === 'string' ? visibleLine(value, 300) : ''
  }
  // Word processors leave file names behind, which name nothing.
  const title = said('Title')
  return {
    title: /\.(docx?|tex|dvi|indd|pdf)$|^untitled|^microsoft word/i.test(title) ? '' : title,
    author: said('Author'),
  }
}
