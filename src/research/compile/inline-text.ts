import { visibleLine } from '../../visible-text.ts'

/**
 * Text of others inside a line of ours: one line, and none of it is Markdown or HTML. An underscore inside
 * of a word and an ampersand that begins no entity mean nothing and stay as they are.
 */
export const inlineText = (text: string): string =>
  visibleLine(text)
    .replace(/[\\`*[\]<>|~]|&(?=#?\w+;)/g, (mark) => (mark === '<' ? '&lt;' : `\\${mark}`))
    .replace(/(?<![\p{L}\p{N}_])_+|_+(?![\p{L}\p{N}_])/gu, (run) => run.replaceAll('_', '\\_'))

/** Text of others inside our HTML, such as a summary. */
export const htmlText = (text: string): string =>
  visibleLine(text).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')

/** An address as a link that shows itself; anything but a web address is shown as text. */
export function inlineLink(address: string): string {
  const url = URL.parse(address)
  if (!url || (url.protocol !== 'https:' && url.protocol !== 'http:')) return inlineText(address)
  // A bar would end a table cell; the parser has encoded everything else that could end the link.
  return `<${url.href.replaceAll('|', '%7C').replace(/[<>\s]/g, encodeURIComponent)}>`
}
