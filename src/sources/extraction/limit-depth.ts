import type { Element, ElementContent, Root, RootContent } from 'hast'

/** Pages are 20 to 60 levels deep; the extractors' time grows with the cube of the depth. */
const depthMax = 200

/** Lifts what lies deeper up to the last level, so that unclosed tags cost neither time nor stack. */
export function limitDepth(root: Root): void {
  let level: (Root | Element)[] = [root]
  for (let depth = 0; depth < depthMax && level.length > 0; depth += 1) {
    level = level.flatMap(({ children }) => {
      const nodes: RootContent[] = children
      return nodes.filter((node) => node.type === 'element')
    })
  }
  for (const parent of level) parent.children = flattened(parent.children as ElementContent[])
}

/** In document order and without recursion; of the elements only the innermost stay. */
function flattened(children: readonly ElementContent[]): ElementContent[] {
  const out: ElementContent[] = []
  const rest = children.toReversed()
  for (let node = rest.pop(); node; node = rest.pop()) {
    if (node.type === 'element' && node.children.some((child) => child.type === 'element')) {
      for (const child of node.children.toReversed()) rest.push(child)
    } else out.push(node)
  }
  return out
}
