import type { Element, Parents, Root } from 'hast'
import { toHtml } from 'hast-util-to-html'
import { MathMLToLaTeX } from 'mathml-to-latex'
import {
  attribute,
  classNames,
  element,
  findElement,
  hasClass,
  isElement,
  type Replacement,
  replaceElements,
  text,
  textOf,
} from '../html-tree.ts'

/**
 * Every way of writing a formula becomes `<math data-latex display>`, the one form that both content
 * extractors keep. What a browser would draw for it (spans, images, previews) goes.
 */
export function standardiseMath(root: Root): void {
  replaceElements(root, (node, parent) => {
    if (isRenderedByMathJax2(node)) return renderedByMathJax2(node, parent)
    const display = isDisplay(node)
    const tex = texOf(node)
    return tex === undefined ? undefined : formula(tex, display)
  })
}

const formula = (tex: string, display: boolean): Replacement => {
  const value = withoutWrapper(tex.trim())
  if (value === '') return []
  const properties = { dataLatex: value, display: display ? 'block' : 'inline' }
  return [element('math', [text(value)], properties)]
}

/** The TeX an element stands for; undefined when it is no formula. */
function texOf(node: Element): string | undefined {
  if (isElement(node, 'script')) {
    return /^math\/(tex|latex)/i.test(attribute(node, 'type')) ? textOf(node) : undefined
  }
  if (isElement(node, 'img')) {
    const isFormula = hasClass(node, /^(latex|mwe-math-fallback-image.*|math|tex)$/)
    return isFormula && attribute(node, 'alt') ? attribute(node, 'alt') : undefined
  }
  if (isElement(node, 'math')) return texOfMathMl(node)
  const wraps =
    isElement(node, 'mjx-container') || hasClass(node, /^(katex|katex-display|mwe-math-element)$/)
  if (!wraps) return undefined
  const own = attribute(node, 'dataLatex')
  const inner = findElement(node, (child) => isElement(child, 'math'))
  return own || (inner ? texOfMathMl(inner) : undefined)
}

function texOfMathMl(math: Element): string {
  const annotation = findElement(math, (child) =>
    isElement(child, 'annotation') ? /tex/i.test(attribute(child, 'encoding')) : false,
  )
  const written =
    attribute(math, 'dataLatex') ||
    (annotation ? textOf(annotation) : '') ||
    attribute(math, 'alttext') ||
    attribute(math, 'altText')
  return written.trim() || texFromMarkup(toHtml(math)) || textOf(math)
}

function texFromMarkup(markup: string): string {
  try {
    return MathMLToLaTeX.convert(markup)
  } catch {
    return ''
  }
}

const isRenderedByMathJax2 = (node: Element): boolean =>
  !isElement(node, 'mjx-container', 'script') &&
  hasClass(node, /^MathJax(_Preview|_Display|_SVG|_CHTML)?$/)

/** Version 2 leaves the source in a script beside what it drew; without one the MathML attribute has it. */
function renderedByMathJax2(node: Element, parent: Parents): Replacement {
  const hasSource = parent.children.some(
    (sibling) => isElement(sibling, 'script') && /^math\//i.test(attribute(sibling, 'type')),
  )
  const inner = findElement(node, (child) => attribute(child, 'dataMathml') !== '')
  if (hasSource || !inner) {
    const script = findElement(node, (child) => isElement(child, 'script'))
    return script ? formula(textOf(script), isDisplay(script)) : []
  }
  const display = classNames(node).includes('MathJax_Display')
  return formula(texFromMarkup(attribute(inner, 'dataMathml')), display)
}

function isDisplay(node: Element): boolean {
  if (isElement(node, 'script')) return /mode\s*=\s*display/i.test(attribute(node, 'type'))
  if (hasClass(node, /^(katex-display|.*-display)$/)) return true
  const mode = attribute(node, 'display')
  if (mode === 'block' || mode === 'true') return true
  const inner = findElement(node, (child) => child !== node && isElement(child, 'math'))
  return inner ? isDisplay(inner) : false
}

/** Wikipedia wraps every formula in `{\displaystyle …}`. */
const withoutWrapper = (tex: string): string =>
  /^\{\\(?:displaystyle|textstyle)\s*([\s\S]*)\}$/.exec(tex)?.[1]?.trim() ?? tex
