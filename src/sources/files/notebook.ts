import { z } from 'zod'
import { clipText } from './clip-text.ts'
import { codeFence } from './code-fence.ts'
import { withoutEmbeddedImages } from './embedded-images.ts'
import { htmlOutputs } from './html-output.ts'
import { isWithinBounds } from './json-bounds.ts'
import { linesText, notebookOutputs, type OutputSettings } from './notebook-output.ts'
import { parsePythonJson } from './parse-python-json.ts'

/** The text is not a Jupyter notebook of nbformat 2, 3 or 4. */
export class NotebookInvalid extends Error {
  override readonly name = 'NotebookInvalid'
}

const outputsOf = (value: unknown): unknown[] =>
  Array.isArray(value) ? value : typeof value === 'object' && value !== null ? [value] : []

/** A cell whose parts are read one by one: what one of them lost costs no other. */
const cellSchema = z
  .object({
    cell_type: z.string().optional().catch(undefined),
    source: linesText,
    /** nbformat 2 and 3: the source of a code cell. */
    input: linesText,
    language: z.string().optional().catch(undefined),
    level: z.number().int().min(1).max(6).optional().catch(undefined),
    outputs: z.unknown().transform(outputsOf).optional(),
  })
  .transform((cell) => ({
    ...cell,
    // A cell without its type: only code has results.
    cell_type: cell.cell_type ?? (cell.outputs || cell.input ? 'code' : 'markdown'),
  }))
  .nullable()
  .catch(null)

const cellsSchema = z.array(cellSchema).optional().catch(undefined)
const named = z.string().optional().catch(undefined)

const notebookSchema = z.object({
  nbformat: z.coerce.number().int().min(2).max(4).nullish(),
  cells: cellsSchema,
  worksheets: z
    .array(z.object({ cells: cellsSchema }).catch({ cells: undefined }))
    .optional()
    .catch(undefined),
  metadata: z
    .object({
      language_info: z.object({ name: named }).optional().catch(undefined),
      kernelspec: z.object({ language: named, name: named }).optional().catch(undefined),
    })
    .optional()
    .catch(undefined),
})

/** Bounds of a notebook's JSON; each line of a text counts as a value. */
const bounds = { depth: 200, values: 1_000_000 }

type Cell = NonNullable<z.infer<typeof cellSchema>>

/** Reads a notebook's JSON as Markdown. Throws NotebookInvalid. */
export type ReadNotebook = (source: string) => Promise<string>

/** The reading that needs nothing else: outputs that are HTML only stay HTML. */
export const readPlainNotebook: ReadNotebook = async (source) => notebookToMarkdown(source)

/** Characters of a notebook that is read in a few milliseconds, whatever it holds. */
export const shortNotebookChars = 64_000

/** `readPlainNotebook` where no error of ours can be thrown; null for what is no notebook. */
export function plainNotebook(source: string): string | null {
  try {
    return notebookToMarkdown(source)
  } catch (error) {
    if (error instanceof NotebookInvalid) return null
    throw error
  }
}

/** Cell magics that change the language of a cell. */
const magicLanguages: Readonly<Record<string, string>> = {
  bash: 'bash',
  sh: 'bash',
  script: 'bash',
  sql: 'sql',
  html: 'html',
  javascript: 'javascript',
  js: 'javascript',
  latex: 'latex',
  markdown: 'markdown',
  r: 'r',
  ruby: 'ruby',
  perl: 'perl',
  svg: 'xml',
  writefile: '',
}

/**
 * A notebook (nbformat 2–4) as Markdown: text as written, code fenced with its language, outputs clipped at
 * `maxOutputChars` each with a visible marker, images as placeholders. With `htmlToMarkdown` the tables among
 * the outputs are tables. Throws NotebookInvalid.
 */
export function notebookToMarkdown(
  source: string,
  {
    maxOutputChars = 3000,
    htmlToMarkdown,
  }: { maxOutputChars?: number; htmlToMarkdown?: (html: string) => string } = {},
): string {
  const { cells, metadata } = parseNotebook(source)
  const language = safeLanguage(
    metadata?.language_info?.name ??
      metadata?.kernelspec?.language ??
      cells.find((cell) => cell?.language)?.language ??
      kernelLanguage(metadata?.kernelspec?.name) ??
      'python',
  )
  const writeHtml = htmlToMarkdown && htmlOutputs(htmlToMarkdown)
  const settings = { maxChars: maxOutputChars, writeHtml }
  const parts = cells.flatMap((cell) =>
    cell === null ? ['[a cell that could not be read]'] : cellMarkdown(cell, language, settings),
  )
  return parts.length ? `${parts.join('\n\n')}\n` : ''
}

interface Notebook extends Pick<z.infer<typeof notebookSchema>, 'metadata'> {
  cells: readonly (Cell | null)[]
}

function parseNotebook(source: string): Notebook {
  if (!isWithinBounds(source, bounds)) throw new NotebookInvalid('too deep or too many values')
  let json: unknown
  try {
    json = parsePythonJson(source)
  } catch (cause) {
    throw new NotebookInvalid('not JSON', { cause })
  }
  const parsed = notebookSchema.safeParse(json)
  if (!parsed.success) throw new NotebookInvalid('not nbformat', { cause: parsed.error })
  const { cells, worksheets, metadata } = parsed.data
  const all = cells ?? worksheets?.flatMap((sheet) => sheet.cells ?? [])
  if (!all) throw new NotebookInvalid('no cells')
  if (all.length > 0 && all.every((cell) => cell === null)) throw new NotebookInvalid('no cell')
  return { cells: all, metadata }
}

/** The kernels of Python, R and Julia, by the names they are installed under: `python3`, `ir`, `julia-1.11`. */
function kernelLanguage(name: string | undefined): string | undefined {
  const word = /^[a-z]+/i.exec(name ?? '')?.[0].toLowerCase()
  return word === 'ir' ? 'r' : word === 'python' || word === 'julia' ? word : undefined
}

function cellMarkdown(cell: Cell, language: string, settings: OutputSettings): string[] {
  const source = cell.source ?? cell.input ?? ''
  const outputs = cell.cell_type === 'code' ? notebookOutputs(cell.outputs ?? [], settings) : []
  if (source.trim() === '') return outputs
  switch (cell.cell_type) {
    case 'markdown':
    case 'html':
      return [withoutAttachments(source).trim()]
    case 'heading':
      return [`${'#'.repeat(cell.level ?? 1)} ${source.trim().replace(/\s+/g, ' ')}`]
    case 'code':
      return [
        codeFence(
          clipText(withoutEmbeddedImages(source).text, 200_000),
          codeLanguage(source, language),
        ),
        ...outputs,
      ]
    default:
      return [codeFence(withoutEmbeddedImages(source).text)]
  }
}

/** An attachment lives inside the notebook's JSON, so its link leads nowhere outside it. */
function withoutAttachments(markdown: string): string {
  const linked = markdown.replace(
    /!\[([^\]\n]{0,500})\]\(attachment:([^)\n]{0,500})\)/g,
    (_match, alt: string, name: string) => `[image: ${alt || name}]`,
  )
  return withoutEmbeddedImages(linked).text
}

function codeLanguage(source: string, language: string): string {
  const magic = /^\s*%%(\w{1,20})/.exec(source)?.[1]?.toLowerCase()
  return magic === undefined ? language : (magicLanguages[magic] ?? language)
}

/** The kernel's language stands in a fence's info string, so only a plain word is let through. */
const safeLanguage = (name: string): string =>
  /^[A-Za-z0-9+#._-]{1,30}$/.test(name) ? name.toLowerCase() : ''
