/** The sections of research.md, in the order of the document. */
export const researchSections = [
  'Coverage',
  'Golden Sources',
  'Additional Sources Scraped',
  'Code Sources',
  'YouTube Video Transcripts',
  'Local Files',
  'Research Results',
  'Sources Scraped From Research Results',
  'Sources',
] as const

export type ResearchSection = (typeof researchSections)[number]

/**
 * The text of one section. Outside of code the compiler lets no words of others stand as a heading of this
 * level, so the first such line outside of a fence is the section's own.
 */
export function sectionOf(research: string, section: ResearchSection): string {
  let fence: string | null = null
  let at = 0
  let begin = -1
  for (const line of research.split('\n')) {
    const marker = /^(`{3,}(?=[^`]*$)|~{3,})/.exec(line)?.[1]
    if (fence) {
      if (marker && line.trim() === fence) fence = null
    } else if (marker) fence = marker
    else if (begin >= 0 && line.startsWith('## ')) return research.slice(begin, at)
    else if (line === `## ${section}`) begin = at
    at += line.length + 1
  }
  return begin < 0 ? '' : research.slice(begin)
}
