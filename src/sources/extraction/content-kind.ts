import { binarySignature } from '../files/file-signature.ts'
import { fileTypeOf } from '../files/file-type.ts'

export type ContentKind =
  | 'html'
  | 'markdown'
  | 'pdf'
  | 'docx'
  | 'office'
  | 'notebook'
  | 'json'
  | 'csv'
  | 'xml'
  | 'text'
  | 'binary'

const wordType = /wordprocessingml|msword/

/** What an answer is: its bytes before its label, since servers mislabel; the file name where neither says. */
export function contentKind(answer: {
  bytes: Uint8Array
  mediaType: string
  url: string
}): ContentKind {
  const { mediaType } = answer
  const head = Buffer.from(answer.bytes.subarray(0, 1024)).toString('latin1')
  const name = decodeURIComponentSafely(new URL(answer.url).pathname.split('/').at(-1) ?? '')
  if (head.includes('%PDF-')) return 'pdf'
  const signature = binarySignature(answer.bytes)
  if (signature === 'an Office document') return 'office'
  if (signature === 'a ZIP archive') {
    return wordType.test(mediaType) || /\.docx$/i.test(name) ? 'docx' : 'binary'
  }
  if (signature || /^(image|audio|video|font)\//.test(mediaType)) return 'binary'
  return byLabel(mediaType, name, head) ?? byName(name) ?? byLook(answer.bytes, head)
}

const looksLikeHtml = (head: string): boolean =>
  /^\W*(<!doctype html|<html[\s>]|<head[\s>]|<body[\s>])/i.test(head)

function byLabel(mediaType: string, name: string, head: string): ContentKind | undefined {
  if (/^text\/(x-)?(web-)?markdown$/.test(mediaType))
    return looksLikeHtml(head) ? 'html' : 'markdown'
  if (mediaType === 'text/html' || mediaType === 'application/xhtml+xml') return 'html'
  if (mediaType === 'application/x-ipynb+json' || /\.ipynb$/i.test(name)) return 'notebook'
  if (/[/+]json$/.test(mediaType)) return 'json'
  if (/^text\/(csv|tab-separated-values)$/.test(mediaType)) return 'csv'
  if (/[/+]xml$/.test(mediaType)) return looksLikeHtml(head) ? 'html' : 'xml'
  return undefined
}

function byName(name: string): ContentKind | undefined {
  const type = fileTypeOf(name)
  if (!type) return undefined
  if (type.form === 'markdown') return 'markdown'
  if (type.form === 'notebook') return 'notebook'
  return type.language === 'csv' || type.language === 'tsv' ? 'csv' : 'text'
}

/** Neither label nor name: text has no NUL, except in UTF-16, which begins with its mark. */
function byLook(bytes: Uint8Array, head: string): ContentKind {
  if (looksLikeHtml(head)) return 'html'
  const isUtf16 = /^(\xff\xfe|\xfe\xff)/.test(head)
  return bytes.subarray(0, 8192).includes(0) && !isUtf16 ? 'binary' : 'text'
}

function decodeURIComponentSafely(value: string): string {
  try {
    return decodeURIComponent(value)
  } catch {
    return value
  }
}
