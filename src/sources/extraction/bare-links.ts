import type { Nodes, PhrasingContent, Root } from 'mdast'
import { typographicEnds } from '../guideline/literal-urls.ts'

const character = String.raw`(?:(?!${typographicEnds})[^\s<>"'\x60\]|])`

/** Ends before marks that close a sentence or a bracket around the address, in any script. */
const address = new RegExp(
  String.raw`(?<![A-Za-z0-9_])https?:\/\/${character}*(?![.,;:!?*_~)(])${character}\/?`,
  'gu',
)

/**
 * Addresses written as plain text become links. As text they would be escaped (`https\://`), which no
 * reader follows and no model copies right.
 */
export function linkBareAddresses(tree: Root): void {
  walk(tree)
}

function walk(node: Nodes): void {
  if (!('children' in node) || node.type === 'link' || node.type === 'linkReference') return
  if (!node.children.some((child) => child.type === 'text' && child.value.includes('://'))) {
    for (const child of node.children) walk(child)
    return
  }
  // Only phrasing holds text, so what stands for a text may stand here.
  node.children = (node.children as PhrasingContent[]).flatMap((child) => {
    if (child.type === 'text') return pieces(child.value)
    walk(child)
    return [child]
  }) as typeof node.children
}

function pieces(value: string): PhrasingContent[] {
  const out: PhrasingContent[] = []
  let at = 0
  for (const { 0: url, index } of value.matchAll(address)) {
    if (!URL.canParse(url)) continue
    // Its own angle brackets would stand around ours.
    const end = index + url.length
    const bracketed = value[index - 1] === '<' && value[end] === '>'
    const before = value.slice(at, bracketed ? index - 1 : index)
    if (before !== '') out.push({ type: 'text', value: before })
    out.push({ type: 'link', url, children: [{ type: 'text', value: url }] })
    at = bracketed ? end + 1 : end
  }
  if (at < value.length) out.push({ type: 'text', value: value.slice(at) })
  return out
}
