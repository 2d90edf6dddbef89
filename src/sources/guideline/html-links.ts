import { Tokenizer, TokenizerMode } from 'parse5'

/** Attributes of HTML in Markdown that name something to read: anchors, and embedded players. */
const linkAttribute: Readonly<Record<string, string>> = { a: 'href', iframe: 'src' }

/** What a piece of HTML links to, and its text. Only the tokenizer runs: building a tree is not linear. */
export function linksInHtml(html: string): { links: string[]; text: string } {
  const links: string[] = []
  const text: string[] = []
  const ignore = () => undefined
  const tokenizer: Tokenizer = new Tokenizer(
    {},
    {
      onStartTag(tag) {
        const wanted = linkAttribute[tag.tagName]
        const value = tag.attrs.find((attribute) => attribute.name === wanted)?.value
        // An editor that sets typographic quotes sets them around attributes too.
        if (value) links.push(value.trim().replace(/^[“”„‘’«»]+|[“”„‘’«»]+$/g, ''))
        // As a browser would: nothing inside is markup.
        if (tag.tagName === 'script' || tag.tagName === 'style')
          tokenizer.state = TokenizerMode.RAWTEXT
      },
      onCharacter: (token) => text.push(token.chars),
      onWhitespaceCharacter: (token) => text.push(token.chars),
      onEndTag: ignore,
      onComment: ignore,
      onDoctype: ignore,
      onEof: ignore,
      onNullCharacter: ignore,
    },
  )
  tokenizer.write(html, true)
  return { links, text: text.join('') }
}
