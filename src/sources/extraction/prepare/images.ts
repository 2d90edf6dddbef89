import type { Element, Root } from 'hast'
import {
  attribute,
  element,
  findElement,
  isElement,
  type Replacement,
  replaceElements,
  text,
} from '../html-tree.ts'
import { absoluteUrl } from './links.ts'

const lazyAttributes = [
  'dataSrc',
  'dataOriginal',
  'dataLazySrc',
  'dataLazy',
  'dataImage',
  'dataUrl',
  'dataHiResSrc',
  'dataFullSrc',
]
const placeholder =
  /^data:|^about:|(^|\/)(blank|spacer|placeholder|pixel|transparent|lazy|loading)[\w-]*\.\w+($|\?)/i

/** Gives lazy images their real address. A `<noscript>` beside the placeholder is one of the places it hides. */
export function revealLazyImages(root: Root | Element): void {
  replaceElements(root, (node, parent) => {
    if (isElement(node, 'noscript')) {
      const real = findElement(node, (child) => isElement(child, 'img'))
      if (!real) return []
      const siblings = parent.children.filter((child) => isElement(child, 'img'))
      return siblings.some((image) => isElement(image) && !placeholder.test(bestSource(image)))
        ? []
        : [real]
    }
    if (isElement(node, 'picture')) {
      const image = findElement(node, (child) => isElement(child, 'img'))
      if (!image) return []
      const source = findElement(node, (child) => isElement(child, 'source'))
      const own = bestSource(image)
      const better = source && placeholder.test(own || 'data:') ? largest(srcSetOf(source)) : own
      return [{ ...image, properties: { ...image.properties, src: better || own } }]
    }
    if (!isElement(node, 'img')) return undefined
    return [element('img', [], { ...node.properties, src: bestSource(node) })]
  })
}

/** Makes image addresses absolute. Inline image data becomes its description: it is bytes, not text. */
export function prepareImages(root: Root | Element, base: string): void {
  replaceElements(root, (node) => {
    if (!isElement(node, 'img')) return undefined
    const alt = attribute(node, 'alt').replace(/\s+/g, ' ').trim()
    const best = bestSource(node)
    if (isTrackingPixel(node) || (placeholder.test(best) && !best.startsWith('data:'))) return []
    const src = absoluteUrl(best, base)
    if (src === '' || !src.startsWith('http')) return described(alt)
    const title = attribute(node, 'title')
    return [element('img', [], { src, alt, ...(title && title !== alt ? { title } : {}) })]
  })
}

const described = (alt: string): Replacement => (alt === '' ? [] : [text(`[${alt}]`)])

function bestSource(image: Element): string {
  const src = attribute(image, 'src')
  if (src !== '' && !placeholder.test(src)) return src
  const lazy = lazyAttributes.map((name) => attribute(image, name)).find(Boolean)
  return lazy || largest(srcSetOf(image)) || src
}

const srcSetOf = (node: Element): string =>
  attribute(node, 'dataSrcSet') ||
  attribute(node, 'dataSrcset') ||
  attribute(node, 'dataLazySrcset') ||
  attribute(node, 'srcSet')

/** The candidate with the greatest width or density; addresses may contain commas, so split on ", ". */
function largest(srcSet: string): string {
  let best = { size: -1, url: '' }
  for (const candidate of srcSet.split(/,\s+|\s*,(?=https?:|\/)/)) {
    const [url = '', descriptor = '1x'] = candidate.trim().split(/\s+/)
    const size = Number.parseFloat(descriptor) || 1
    if (url !== '' && !url.startsWith('data:') && size > best.size) best = { size, url }
  }
  return best.url
}

const isTrackingPixel = (image: Element): boolean =>
  ['width', 'height'].every((side) => /^[012](px)?$/.test(attribute(image, side)))
