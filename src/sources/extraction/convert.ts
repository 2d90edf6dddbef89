import { clipText } from '../files/clip-text.ts'
import { codeFence } from '../files/code-fence.ts'
import { withoutEmbeddedImages } from '../files/embedded-images.ts'
import { extensionOf, fileTypeOf } from '../files/file-type.ts'
import { NotebookInvalid, notebookToMarkdown } from '../files/notebook.ts'
import { SourceFailure } from '../source-failure.ts'
import { cleanMarkdown } from './clean-markdown.ts'
import { type ContentKind, contentKind } from './content-kind.ts'
import type { ConvertRequest } from './convert-request.ts'
import type { Converted } from './converted.ts'
import { convertCsv } from './csv.ts'
import { decodeText } from './decode-text.ts'
import { convertDocx } from './docx/convert-docx.ts'
import { convertFeed, isFeed } from './feed.ts'
import { htmlOrShell } from './html-or-shell.ts'
import { htmlToMarkdown } from './html-to-markdown.ts'
import { convertPdf } from './pdf/pdf.ts'

/** Longest Markdown one source may become. */
const markdownMax = 1_500_000

/** Any answer's bytes as Markdown, by what the bytes are. Throws SourceFailure. */
export async function convert(request: ConvertRequest): Promise<Converted> {
  const kind = contentKind(request)
  const found = await converted(kind, request)
  if (found.movedTo !== undefined || found.unreadable !== undefined) return found
  const markdown = cleanMarkdown(clipText(found.markdown, markdownMax))
  if (markdown.trim() === '') throw new SourceFailure('EMPTY')
  const notes = [...found.notes]
  if (found.markdown.length > markdownMax) notes.push('The text was cut at its limit.')
  return { ...found, title: titleOf(found, markdown, request.url), markdown, notes }
}

async function converted(kind: ContentKind, request: ConvertRequest): Promise<Converted> {
  switch (kind) {
    case 'binary':
      throw new SourceFailure('UNSUPPORTED_TYPE', safeMediaType(request.mediaType))
    case 'office':
      // A Word document behind a password is an old Office container around the encrypted one.
      throw /openxml/.test(request.mediaType) || /\.docx$/i.test(new URL(request.url).pathname)
        ? new SourceFailure('ENCRYPTED')
        : new SourceFailure('UNSUPPORTED_TYPE', 'an old Office format')
    case 'pdf':
      return await convertPdf(request.bytes)
    case 'docx':
      return await convertDocx(request.bytes, request.url)
    default:
      return await convertText(kind, request)
  }
}

async function convertText(kind: ContentKind, request: ConvertRequest): Promise<Converted> {
  const form = kind === 'html' ? 'html' : kind === 'xml' ? 'xml' : 'text'
  const { text, charset } = decodeText(request.bytes, request.charset, form)
  if (text.trim() === '') throw new SourceFailure('EMPTY')
  const result = await fromText(kind, text, request)
  return charset === 'utf-8'
    ? result
    : { ...result, notes: [...result.notes, `Decoded from ${charset}.`] }
}

async function fromText(
  kind: ContentKind,
  text: string,
  request: ConvertRequest,
): Promise<Converted> {
  const plain = (markdown: string, ...notes: string[]) => ({
    title: '',
    markdown,
    facts: {},
    notes,
  })
  switch (kind) {
    case 'html':
      return htmlOrShell(text, request.url)
    case 'markdown':
      return plain(withoutEmbeddedImages(text).text, 'The site answered with Markdown.')
    case 'notebook':
      return plain(notebook(text, request.url), 'A Jupyter notebook.')
    case 'json':
      return isNotebook(text)
        ? plain(notebook(text, request.url), 'A Jupyter notebook.')
        : plain(json(text))
    case 'csv':
      return convertCsv(text, request.mediaType === 'text/tab-separated-values' ? '\t' : undefined)
    case 'xml':
      return isFeed(text) ? convertFeed(text, request.url) : plain(fenced(text, 'xml'))
    default:
      return plain(fenced(text, languageOf(request.url)))
  }
}

/** Clipped inside, so that the fence is always closed. */
const fenced = (text: string, language: string): string =>
  codeFence(clipText(withoutEmbeddedImages(text).text, markdownMax - 1000), language)

const languageOf = (url: string): string => {
  const name = new URL(url).pathname.split('/').at(-1) ?? ''
  const language = extensionOf(name) === '' ? undefined : fileTypeOf(name)?.language
  return language === undefined || language === 'text' ? '' : language
}

function json(text: string): string {
  try {
    const value: unknown = JSON.parse(text)
    return fenced(text.includes('\n') ? text : JSON.stringify(value, null, 2), 'json')
  } catch {
    return fenced(text, '')
  }
}

const isNotebook = (text: string): boolean =>
  /"nbformat"\s*:/.test(text) && /"(cells|worksheets)"\s*:/.test(text)

function notebook(text: string, url: string): string {
  try {
    return notebookToMarkdown(text, { htmlToMarkdown: (html) => htmlToMarkdown(html, url) })
  } catch (cause) {
    if (!(cause instanceof NotebookInvalid)) throw cause
    throw new SourceFailure('EXTRACTION_FAILED', 'not a notebook', { cause })
  }
}

/** What the source calls itself, else its first heading, else the last part of its address. */
function titleOf(found: Converted, markdown: string, url: string): string {
  const heading = /^#{1,3} +(.{1,300})$/m
    .exec(markdown)?.[1]
    ?.replace(/[#*`\\]+/g, '')
    .trim()
  const { pathname, hostname } = new URL(url)
  return found.title || heading || pathname.split('/').findLast(Boolean) || hostname
}

/** The label came from the server, so it is shown only when it is no more than a media type. */
const safeMediaType = (mediaType: string): string =>
  /^[\w.+-]{1,40}\/[\w.+-]{1,80}$/.test(mediaType) ? mediaType : 'unknown'
