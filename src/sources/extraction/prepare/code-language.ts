import type { Element } from 'hast'
import { attribute, classNames } from '../html-tree.ts'

const aliases: Readonly<Record<string, string>> = {
  python3: 'python',
  ipython3: 'python',
  ipython: 'python',
  py3: 'python',
  'python-console': 'pycon',
  shellscript: 'shell',
  plain: '',
  plaintext: '',
  text: '',
  none: '',
  default: '',
  nohighlight: '',
  'no-highlight': '',
  undefined: '',
  source: '',
}

/** Classes beside a bare language name in highlighters that write `hljs python` or `sourceCode python`. */
const notLanguages =
  /^(hljs|highlight|highlighted|sourcecode|prettyprint(ed)?|linenums|syntaxhighlighter|code|codehilite|notranslate|line-numbers|numberlines|copy.*|wp-block-code|chroma|shiki.*|astro-code|theme-.*|has-.*|is-.*|.*-theme|.*dark.*|.*light.*|overflow.*)$/i

/** The language of a code block, searched from the inside out; '' when nobody says. */
export function codeLanguage(elements: readonly Element[]): string {
  for (const element of elements) {
    const named = normalise(fromAttributes(element) || fromClasses(element))
    if (named) return named
  }
  return ''
}

const fromAttributes = (element: Element): string =>
  attribute(element, 'dataLang') ||
  attribute(element, 'dataLanguage') ||
  attribute(element, 'dataCodeLanguage') ||
  attribute(element, 'dataCodeLang')

function fromClasses(element: Element): string {
  const names = classNames(element)
  const all = names.join(' ')
  const brush = /(?:^|\s)brush:\s*([\w+#.-]+)/i.exec(all)?.[1]
  if (brush) return brush
  for (const name of names) {
    const marked = /^(?:language|lang|highlight-source|highlight-text|highlight)-(.+)$/i.exec(name)
    if (marked?.[1]) return marked[1]
  }
  if (!names.some((name) => /^(hljs|sourceCode|prettyprint|syntaxhighlighter)$/.test(name)))
    return ''
  return names.find((name) => !notLanguages.test(name)) ?? ''
}

function normalise(found: string): string {
  const name = found
    .trim()
    .toLowerCase()
    .replace(/^lang(uage)?[-:]/, '')
    .replace(/;$/, '')
  if (!/^[\w+#.-]{1,30}$/.test(name)) return ''
  return aliases[name] ?? name
}
