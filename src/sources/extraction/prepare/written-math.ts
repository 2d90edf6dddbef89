import type { ElementContent, Root } from 'hast'
import {
  attribute,
  element,
  findElement,
  hasClass,
  isElement,
  replaceElements,
  text,
  textOf,
} from '../html-tree.ts'

/** TeX in running text, as a script of the page would find it: `\(…\)`, `\[…\]`, `$$…$$`, environments. */
const written = new RegExp(
  [
    // Each ends before it would begin again, so that a text of openings is read once.
    String.raw`\\\(((?:[^\\]|\\[^()])+)\\\)`,
    String.raw`\\\[((?:[^\\]|\\[^[\]])+)\\\]`,
    String.raw`\$\$([^$]+)\$\$`,
    String.raw`(\\begin\{(equation|align|gather|multline|eqnarray)\*?\}[\s\S]{1,4000}?\\end\{\5\*?\})`,
  ].join('|'),
  'g',
)
/** The same with single dollars, by the rule that keeps two prices in a line what they are. */
const withDollars = new RegExp(
  String.raw`${written.source}|(?<![\\$\w])\$(?![\s$])([^$\n]*[^\s$\\])\$(?![\d$])`,
  'g',
)

/** What tells TeX from a bracket somebody escaped. */
const isTex = (value: string): boolean => /[\\^_={}]/.test(value)

/**
 * Formulas that stand in the text until MathJax or KaTeX has run become formulas. Single dollars count only
 * where the page says that they do.
 */
export function findWrittenMath(root: Root): void {
  const runs = findElement(root, runsMath) !== undefined
  const pattern = runs && findElement(root, takesDollars) ? withDollars : written
  replaceElements(root, (node) => {
    if (isElement(node, ...verbatim) || hasClass(node, /^(tex2jax|mathjax)_ignore$/)) return [node]
    const says = node.children.some((child) => child.type === 'text' && /\\|\$/.test(child.value))
    if (says) node.children = node.children.flatMap((child) => pieces(child, pattern, runs))
    return undefined
  })
}

const verbatim = [
  'pre',
  'code',
  'script',
  'style',
  'textarea',
  'math',
  'kbd',
  'samp',
  'noscript',
  'template',
]

function pieces(node: ElementContent, pattern: RegExp, runs: boolean): ElementContent[] {
  if (node.type !== 'text') return [node]
  const out: ElementContent[] = []
  let at = 0
  for (const match of node.value.matchAll(pattern)) {
    const [whole, inBrackets, displayed, inDollars, environment, , inline] = match
    const tex = (inBrackets ?? displayed ?? inDollars ?? environment ?? inline ?? '').trim()
    if (tex === '' || (!runs && !isTex(tex))) continue
    if (match.index > at) out.push(text(node.value.slice(at, match.index)))
    const isInline = inBrackets !== undefined || inline !== undefined
    const display = isInline ? 'inline' : 'block'
    out.push(element('math', [text(tex)], { dataLatex: tex, display }))
    at = match.index + whole.length
  }
  if (at === 0) return [node]
  if (at < node.value.length) out.push(text(node.value.slice(at)))
  return out
}

const runsMath = (node: Parameters<typeof textOf>[0]): boolean =>
  isElement(node, 'script', 'link') &&
  /mathjax|katex/i.test(`${attribute(node, 'src')} ${attribute(node, 'href')} ${textOf(node)}`)

const takesDollars = (node: Parameters<typeof textOf>[0]): boolean =>
  isElement(node, 'script') && /(\[\s*|left['"]?\s*:\s*)(['"])\$\2/.test(textOf(node))
