import { clipGraphemes } from '../../visible-text.ts'

/** At most `max` UTF-16 units, with a visible marker saying how much is gone; never half an emoji. */
export function clipText(text: string, max: number): string {
  if (text.length <= max) return text
  const kept = clipGraphemes(text, max)
  return `${kept}\n[… ${text.length - kept.length} more characters left out]`
}

/** The same for Markdown: cut between two lines and marked apart from them, so that a table stays one. */
export function clipLines(markdown: string, max: number): string {
  if (markdown.length <= max) return markdown
  const end = markdown.lastIndexOf('\n', max)
  if (end <= 0) return clipText(markdown, max)
  return `${markdown.slice(0, end)}\n\n[… ${markdown.length - end} more characters left out]`
}
