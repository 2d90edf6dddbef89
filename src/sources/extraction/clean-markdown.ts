/** Characters nobody sees: controls, soft hyphens, zero-width and tag characters, direction overrides. */
const unseen =
  /[^\P{Cc}\n\t]|[\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]|[\u{e0000}-\u{e007f}]/gu

/** Markdown as it is kept: no hidden characters (they carry instructions a reader cannot see), LF, one end. */
export function cleanMarkdown(markdown: string): string {
  return `${markdown.replace(/\r\n?/g, '\n').replace(unseen, '').toWellFormed().trim()}\n`
}
