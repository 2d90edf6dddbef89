import { sourceRank } from './frame-headings.ts'
import { type GuidelinePart, partsOf } from './guideline-parts.ts'
import { isSourceList, structureOf } from './guideline-structure.ts'

/** What an offset of a guideline stands in. */
export interface GuidelinePlaces {
  /** The rank of the list of sources around it. */
  rankAt: (offset: number) => 'golden' | 'other' | null
  /** Whether it stands among words about the topic, in a guideline that tells those from its lists. */
  isProse: (offset: number) => boolean
}

/** The structure of a guideline by offset. Asking costs the logarithm of the number of headings. */
export function guidelinePlaces(text: string): GuidelinePlaces {
  const parts = partsOf(text)
  const { sections, listed, frame } = structureOf(parts)
  const hasStructure = sections.length > 0 || listed !== null
  const inOutline = new Set(sections.flatMap((section) => section.parts))
  const ranks = rankedParts(parts, inOutline)
  const partAt = (offset: number) => parts[partAround(parts, offset)]
  const lists = new Set(frame.filter(isList))
  return {
    rankAt: (offset) => ranks.get(partAt(offset) ?? null) ?? null,
    isProse: (offset) => {
      const part = partAt(offset)
      return hasStructure && part !== undefined && !lists.has(part)
    },
  }
}

/** A part that names things to use: sources, files, attachments. */
const isList = (part: GuidelinePart): boolean =>
  part.level > 0 &&
  (sourceRank(part.title) !== null ||
    /\b(?:files?|attachments?|notes|assets|data|datasets?)\b/i.test(part.title))

/** A list has the rank that its heading says, else that of the heading above it. */
function rankedParts(
  parts: readonly GuidelinePart[],
  inOutline: ReadonlySet<GuidelinePart>,
): Map<GuidelinePart | null, 'golden' | 'other'> {
  const ranks = new Map<GuidelinePart | null, 'golden' | 'other'>()
  const above: { level: number; rank: 'golden' | 'other' | null }[] = []
  for (const part of parts) {
    while (above.length > 0 && (above.at(-1)?.level ?? 0) >= part.level) above.pop()
    const said = isSourceList(part) && !inOutline.has(part) ? sourceRank(part.title) : null
    const rank = said === 'golden' || said === 'other' ? said : (above.at(-1)?.rank ?? null)
    above.push({ level: part.level, rank })
    if (rank) ranks.set(part, rank)
  }
  return ranks
}

/** The index of the part around an offset, its heading included. */
function partAround(parts: readonly GuidelinePart[], offset: number): number {
  let [low, high] = [0, parts.length - 1]
  while (low < high) {
    const middle = Math.floor((low + high) / 2)
    if ((parts[middle]?.end ?? 0) > offset) high = middle
    else low = middle + 1
  }
  return low
}
