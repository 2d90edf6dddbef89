import { clipGraphemes, visibleLine } from '../../visible-text.ts'

/**
 * A header that offers the answer as a file. The name is data: quotes, line ends and path separators
 * cannot get out of it, and names beyond ASCII travel as RFC 8187 says.
 */
export function attachmentNamed(name: string): string {
  const plain = visibleLine(name)
    .replace(/[^A-Za-z0-9._ -]/g, '_')
    .slice(0, 120)
  const encoded = encodeURIComponent(clipGraphemes(visibleLine(name), 120)).replace(
    /['()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )
  return `attachment; filename="${plain}"; filename*=UTF-8''${encoded}`
}

/** What an article's research.md is called on disk. */
export function researchFileName(title: string): string {
  const words =
    visibleLine(title)
      .toLowerCase()
      .match(/[\p{L}\p{N}]+/gu) ?? []
  const stem = clipGraphemes(words.join('-'), 60).replace(/-+$/, '')
  return stem ? `${stem}.research.md` : 'research.md'
}
