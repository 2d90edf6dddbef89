import { visibleText } from '../../visible-text.ts'

/** Markup that was built by `html`; text from anywhere else is escaped. */
export class Html {
  readonly #markup: string

  constructor(markup: string) {
    this.#markup = markup
  }

  toString(): string {
    return this.#markup
  }
}

export type HtmlValue = string | number | null | undefined | false | Html | readonly HtmlValue[]

/**
 * Builds markup. Every value is escaped, in text as in quoted attributes, so a file name, a title or a
 * page's text can be nothing but text that a reader sees. Attribute values must be quoted.
 */
export function html(parts: TemplateStringsArray, ...values: HtmlValue[]): Html {
  return new Html(parts.reduce((markup, part, index) => markup + render(values[index - 1]) + part))
}

function render(value: HtmlValue): string {
  if (value === null || value === undefined || value === false) return ''
  if (value instanceof Html) return value.toString()
  if (Array.isArray(value)) return value.map(render).join('')
  return visibleText(String(value)).replace(
    /[&<>"'`]/g,
    (character) => `&#${character.charCodeAt(0)};`,
  )
}
