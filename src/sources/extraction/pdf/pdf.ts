import { getDocumentProxy, getMeta } from 'unpdf'
import { visibleLine } from '../../../visible-text.ts'
import { SourceFailure } from '../../source-failure.ts'
import type { Converted } from '../converted.ts'
import { markdownOf } from '../markdown-tree.ts'
import { blocksOf } from './blocks.ts'
import { createFontFaces } from './font-faces.ts'
import { pageLines } from './page-lines.ts'
import { withoutRunningHeads } from './running-heads.ts'
import type { TextItem, TextLine } from './text-item.ts'

const pagesMax = 300
/** Below this many characters a page on average, the pages are pictures. */
const scannedBelow = 10

type Pdf = Awaited<ReturnType<typeof getDocumentProxy>>

/** A PDF as Markdown. Throws ENCRYPTED, SCANNED and EXTRACTION_FAILED. */
export async function convertPdf(bytes: Uint8Array): Promise<Converted> {
  const pdf = await openPdf(bytes)
  try {
    const { pages, height } = await readPages(pdf)
    const characters = pages.flat().reduce((sum, line) => sum + line.text.length, 0)
    if (characters < scannedBelow * pages.length) throw new SourceFailure('SCANNED')
    const blocks = blocksOf(withoutRunningHeads(pages, height).flat())
    const [heading] = blocks.filter((block) => block.type === 'heading')
    const first = heading?.children[0]
    const facts = await pdfFacts(pdf)
    const notes = [`PDF of ${pdf.numPages} pages.`]
    if (pdf.numPages > pagesMax) notes.push(`Only the first ${pagesMax} pages were read.`)
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
    return await getDocumentProxy(new Uint8Array(bytes), { verbosity: 0, maxImageSize: 1 })
  } catch (error) {
    const isLocked = error instanceof Error && error.name === 'PasswordException'
    throw new SourceFailure(isLocked ? 'ENCRYPTED' : 'EXTRACTION_FAILED', undefined, {
      cause: error,
    })
  }
}

async function readPages(pdf: Pdf): Promise<{ pages: TextLine[][]; height: number }> {
  const pages: TextLine[][] = []
  const facesOf = createFontFaces()
  let height = 0
  for (let number = 1; number <= Math.min(pdf.numPages, pagesMax); number += 1) {
    const page = await pdf.getPage(number)
    const [left = 0, bottom = 0, right = 0, top = 0] = page.view
    const content = await page.getTextContent()
    const faces = await facesOf(page, content.styles)
    const items: TextItem[] = []
    for (const item of content.items) {
      if (!('str' in item)) continue
      const [, , c = 0, d = 0, x = 0, y = 0] = item.transform.map(Number)
      items.push({
        text: item.str,
        x: x - left,
        y: y - bottom,
        width: item.width,
        size: Math.hypot(c, d),
        isMono: faces.get(item.fontName)?.isMono ?? false,
        isBold: faces.get(item.fontName)?.isBold ?? false,
      })
    }
    height = Math.max(height, top - bottom)
    pages.push(pageLines(items, number, right - left))
    page.cleanup()
  }
  return { pages, height }
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
