const entities: Record<string, string> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  '#39': "'",
  '#x27': "'",
  nbsp: ' ',
}

/** The text of a small HTML fragment such as a highlighted snippet. The result is still untrusted text. */
export function withoutTags(html: string | null | undefined): string | null {
  if (!html) return null
  return html
    .slice(0, 20_000)
    .replace(/<[^<>]*>/g, '')
    .replace(/&(#?\w{1,6});/g, (all, name: string) => entities[name.toLowerCase()] ?? all)
}
