import { stripVTControlCharacters } from 'node:util'
import { z } from 'zod'
import { clipText } from './clip-text.ts'
import { codeFence } from './code-fence.ts'
import { withoutEmbeddedImages } from './embedded-images.ts'
import type { WriteHtmlOutput } from './html-output.ts'

const text = z
  .union([z.string(), z.array(z.string())])
  .transform((value) => (Array.isArray(value) ? value.join('') : value))
  .optional()
  .catch(undefined)

/** One output of a code cell: nbformat 4 keeps a MIME bundle in `data`, 2 and 3 keep short keys beside it. */
export const outputSchema = z
  .object({
    output_type: z.string(),
    text,
    name: z.string().optional().catch(undefined),
    ename: z.string().optional().catch(undefined),
    evalue: z.string().optional().catch(undefined),
    traceback: z.array(z.string()).optional().catch(undefined),
    data: z.record(z.string(), z.unknown()).optional().catch(undefined),
    html: text,
    latex: text,
    json: z.unknown(),
    png: z.unknown(),
    jpeg: z.unknown(),
    svg: z.unknown(),
  })
  .partial({ json: true, png: true, jpeg: true, svg: true })

export type NotebookOutput = z.infer<typeof outputSchema>

/** How outputs are written; without `writeHtml` an output that is HTML only is shown as such. */
export interface OutputSettings {
  maxChars: number
  writeHtml?: WriteHtmlOutput | undefined
}

/** The outputs of one cell, one Markdown block each; consecutive stream pieces are one block. */
export function notebookOutputs(
  outputs: readonly NotebookOutput[],
  settings: OutputSettings,
): string[] {
  const { maxChars } = settings
  const parts: string[] = []
  let stream = ''
  const flush = () => {
    parts.push(...plainBlock('Output', stream, maxChars))
    stream = ''
  }
  for (const output of outputs) {
    if (output.output_type === 'stream') {
      stream += output.text ?? ''
      continue
    }
    flush()
    parts.push(...(isError(output) ? errorBlock(output, maxChars) : richBlock(output, settings)))
  }
  flush()
  return parts
}

const isError = (output: NotebookOutput): boolean =>
  output.output_type === 'error' || output.output_type === 'pyerr'

function errorBlock(output: NotebookOutput, maxChars: number): string[] {
  const traceback = (output.traceback ?? []).join('\n')
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
    return [
      `[${image.replace(/[^a-z0-9/+.-]/gi, '')} output${caption ? `: ${caption.replace(/[[\]]/g, '')}` : ''}]`,
    ]
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
  if (html.trim() === '') return []
  if (writeHtml) return ['[text/html output]']
  return [codeFence(clipText(withoutEmbeddedImages(html).text, maxChars), 'html')]
}

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
