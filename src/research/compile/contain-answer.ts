import { canonicalUrl } from '../../sources/canonical-url.ts'
import { typographicEnds } from '../../sources/guideline/literal-urls.ts'
import { renumbered } from '../search/cited-numbers.ts'
import { containMarkdown } from './contain-markdown.ts'

export interface AnswerContext {
  /** The article's numbers of the sources that `[1]`, `[2]` … name; null for a rejected one. */
  numbers: readonly (number | null)[]
  /** Canonical addresses of the sources that may be linked. */
  linkable: ReadonlySet<string>
}

const bareAddress = new RegExp(
  String.raw`https?:\/\/(?:(?!${typographicEnds})[^\s<>()\[\]"'\x60|])+`,
  'giu',
)

/**
 * A provider's answer with its citations renumbered to the article's sources. A citation of a rejected
 * source goes, and so does every link that leads to no source of the article: otherwise a rejected page
 * would come back through the text that was written from it.
 */
export function containAnswer(answer: string, { numbers, linkable }: AnswerContext): string {
  const allowed = (url: string) => URL.canParse(url) && linkable.has(canonicalUrl(url))
  const text = answer
    .replace(
      /!?\[([^\][]*)\]\((https?:[^()\s]*)(?:\s+"[^"\n]*")?\)/gi,
      (all, label: string, url) => (allowed(url) ? all : label),
    )
    .replace(bareAddress, (found) => {
      const url = found.replace(/[.,;:!?*_]+$/, '')
      return allowed(url) ? found : `(link removed)${found.slice(url.length)}`
    })
  return containMarkdown(renumbered(text, numbers))
}
