import { stripVTControlCharacters } from 'node:util'
import { z } from 'zod'
import { clipText } from './clip-text.ts'
import { codeFence } from './code-fence.ts'
import { withoutEmbeddedImages } from './embedded-images.ts'
import type { WriteHtmlOutput } from './html-output.ts'

/** A text, or its lines; a line that is none costs itself. */
export const linesText = z
  .union([
    z.string(),
    z
      .array(z.unknown())
      .transform((lines) => lines.filter((line) => typeof line === 'string').join('')),
  ])
  .optional()
  .catch(undefined)

const word = z.string().optional().catch(undefined)

/** One output of a code cell: nbformat 4 keeps a MIME bundle in `data`, 2 and 3 keep short keys beside it. */
const outputSchema = z
  .object({
    output_type: word,
    text: linesText,
    name: word,
    ename: word,
    evalue: word,
    traceback: z
      .union([z.string().transform((line) => [line]), z.array(z.unknown())])
      .optional()
      .catch(undefined),
    data: z.record(z.string(), z.unknown()).optional().catch(undefined),
    html: linesText,
    latex: linesText,
    json: z.unknown(),
    png: z.unknown(),
    jpeg: z.unknown(),
    svg: z.unknown(),
  })
  .partial({ json: true, png: true, jpeg: true, svg: true })

type NotebookOutput = z.infer<typeof outputSchema>

/** How outputs are written; without `writeHtml` an output that is HTML only is shown as such. */
export interface OutputSettings {
  maxChars: number
  writeHtml?: WriteHtmlOutput | undefined
}

/** The outputs of one cell, one Markdown block each; consecutive stream pieces are one block. */
export function notebookOutputs(outputs: readonly unknown[], settings: OutputSettings): string[] {
  const { maxChars } = settings
  const parts: string[] = []
  let stream = ''
  const flush = () => {
    parts.push(...plainBlock('Output', stream, maxChars))
    stream = ''
  }
  for (const given of outputs) {
    const { data: output } = outputSchema.safeParse(given)
    if (output && isStream(output)) {
      stream += output.text ?? ''
      continue
    }
    flush()
    if (!output) {
      parts.push('[an output that could not be read]')
      continue
    }
    parts.push(...(isError(output) ? errorBlock(output, maxChars) : richBlock(output, settings)))
  }
  flush()
  return parts
}

/** Without its type an output is what its fields belong to. */
const isStream = ({ output_type: type, name, data }: NotebookOutput): boolean =>
  type === 'stream' || (type === undefined && name !== undefined && data === undefined)

const isError = ({ output_type: type, ename }: NotebookOutput): boolean =>
  type === 'error' || type === 'pyerr' || (type === undefined && ename !== undefined)

function errorBlock(output: NotebookOutput, maxChars: number): string[] {
  const lines = (output.traceback ?? []).filter((line) => typeof line === 'string')
  const traceback = lines.join('\n')
  return plainBlock(
    'Error',
    traceback || `${output.ename ?? 'Error'}: ${output.evalue ?? ''}`,
    maxChars,
  )
}

/** The richest form that is still text: a notebook gives the same result in several. */
function richBlock(output: NotebookOutput, { maxChars, writeHtml }: OutputSettings): string[] {
  const bundle = mimeBundle(output)
  const markdown = textOf(bundle['text/markdown'])
  if (markdown.trim()) return [clipText(withoutEmbeddedImages(markdown).text.trim(), maxChars)]
  const plain = textOf(bundle['text/plain'])
  const image = Object.keys(bundle).find(
    (type) => type.startsWith('image/') && bundle[type] != null,
  )
  if (image) {
    const caption = stripVTControlCharacters(plain).replace(/\s+/g, ' ').trim().slice(0, 120)
    return [placeholder(image, caption.replace(/[[\]]/g, ''))]
  }
  const latex = textOf(bundle['text/latex'])
  if (latex.trim()) return [clipText(latex.trim(), maxChars)]
  const html = textOf(bundle['text/html'])
  const written = writeHtml && html && htmlSaysMore(html, plain) ? writeHtml(html, maxChars) : ''
  if (written) return [written]
  if (plain.trim()) return plainBlock('Output', plain, maxChars)
  const json = bundle['application/json']
  if (json != null) {
    const shown = typeof json === 'string' ? json : JSON.stringify(json, null, 2)
    return [codeFence(clipText(shown, maxChars), 'json')]
  }
  if (html.trim() === '') {
    // A chart or a widget that only a program can show is named.
    const other = Object.keys(bundle).find((type) => isOther(type) && bundle[type] != null)
    return other ? [placeholder(other)] : []
  }
  if (writeHtml) return ['[text/html output]']
  return [codeFence(clipText(withoutEmbeddedImages(html).text, maxChars), 'html')]
}

const isOther = (type: string): boolean => type.includes('/') && !/^text\//.test(type)

const placeholder = (mediaType: string, caption = ''): string =>
  `[${mediaType.slice(0, 120).replace(/[^a-z0-9/+.-]/gi, '')} output${caption ? `: ${caption}` : ''}]`

/** A table loses its columns as text; of an object its text says only where it was in memory. */
const htmlSaysMore = (html: string, plain: string): boolean =>
  /<table[\s>]/i.test(html) || /^(?:<[\w.]+[^<>]*>)?$/.test(plain.trim())

function mimeBundle(output: NotebookOutput): Record<string, unknown> {
  return (
    output.data ?? {
      'text/plain': output.text,
      'text/html': output.html,
      'text/latex': output.latex,
      'image/png': output.png,
      'image/jpeg': output.jpeg,
      'image/svg+xml': output.svg,
      'application/json': output.json,
    }
  )
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return value
  return Array.isArray(value) ? value.filter((line) => typeof line === 'string').join('') : ''
}

function plainBlock(label: string, raw: string, maxChars: number): string[] {
  const shown = stripVTControlCharacters(raw)
    .replace(/\r\n/g, '\n')
    .split('\n')
    .map(lastRewrite)
    .join('\n')
  if (!shown.trim()) return []
  return [
    `${label}:\n\n${codeFence(clipText(withoutEmbeddedImages(shown).text, maxChars), 'text')}`,
  ]
}

/** A progress bar rewrites its line with carriage returns; only what stays on the screen is kept. */
const lastRewrite = (line: string): string =>
  line.includes('\r') ? (line.split('\r').findLast((piece) => piece !== '') ?? '') : line
