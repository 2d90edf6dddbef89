/** Words that speak of the piece of writing, its reader and its making; a heading of nothing else is no topic. */
const makingWords: ReadonlySet<string> = new Set(
  `about achoring achored aim aims anchor anchoring anticipated approximate article articles assets attached
  attachment attachments audience author authors background blog brand brief briefing broader call callouts chapter chapters
  checklist code concept concepts constraint constraints content context copy course courses criteria current
  deadline deadlines deliverable deliverables desired detail details diagram diagrams do docs document
  documents don donts dos draft drafts editing educational episode expectation expectations expected explain
  figures file files final flow follow format formatting further future general global goal goals guidance
  guide guideline guidelines image images important instruction instructions intended introduced journey
  keyword keywords language learned learner learners learning length lecture lectures lesson lessons level links list local
  main material materials media metadata module modules narrative newsletter next note notes notebook
  notebooks objective objectives other outcome outcomes overall overview perspective piece plan planning point
  parts points position post posts practical practice previous prerequisites priority profile purpose ratio read
  reader readers readership reading reasoning reference references repo repository requirement requirements
  resource resources rule rules scope section sections seo series share sharing shared source sources
  specific specifics status story structure student students style summary syllabus takeaway takeaways talk
  target taught teach teaching technical tech terminology text theory thesis thing things think title titles
  tonality tone tutorial valuable value view viewpoint vision voice we what where who
  whom why word words workshop write writer writers writing`.split(/\s+/),
)

const smallWords: ReadonlySet<string> = new Set(
  `a all already an and any are as at be been being by can for from had has have how i in into is it its key me
  my no not of on or our ours s should so t than that the their them they this those to us use used using was
  we were when which will with within without you your`.split(/\s+/),
)

/** Whether a heading says for whom, how, and from what to write, and names no topic. */
export function isFrameHeading(title: string): boolean {
  const words = wordsOf(title)
  return words.length > 0 && words.every((word) => makingWords.has(word) || smallWords.has(word))
}

/** A heading under which the outline stands: “Outline”, “Lesson Outline”, “Structure of the article”. */
export function isOutlineHeading(title: string): boolean {
  const words = wordsOf(title).filter((word) => !smallWords.has(word))
  const names = words.filter((word) => outlineWords.has(word))
  const others = words.filter((word) => !outlineWords.has(word))
  return names.length > 0 && others.every((word) => makingWords.has(word) || isAdjective.test(word))
}

const outlineWords: ReadonlySet<string> = new Set(
  'outline outlines structure contents toc sections chapters topics gliederung plan'.split(' '),
)
const isAdjective = /^(?:proposed|detailed|suggested|rough|table|draft|full|planned|complete)$/

/** Headings that every article has; they ask nothing by themselves. */
export const isGenericHeading = (title: string): boolean =>
  /^(?:an? |the )?(?:introduction|intro|opening|hook|overview|conclusions?|closing|wrap(?:ping)?[- ]?up|outro|summary|tl;?dr|faqs?|recap|final thoughts|epilogue|prologue|preface|appendix|background|basics|motivation|next steps|key takeaways)(?:\s*[:.…].{0,3})?$/i.test(
    title.trim(),
  )

/** What the author says of the sources below a heading: read these first, or only besides. */
export type SourceRank = 'golden' | 'other' | 'named'

const sourceNouns =
  /\b(?:sources?|references?|links?|reading|readings|bibliography|literature|resources?|documentation|docs|citations?|further material|materials?|papers|articles|videos|repositor(?:y|ies)|notebooks?|code)\b/i
const goldenWords =
  /\b(?:golden|gold|primary|main|key|core|must[- ]?(?:read|use|have|watch)?s?|essential|required|mandatory|priority|most important|principal|trusted|authoritative|canonical|recommended)\b/i
const otherWords =
  /\b(?:other|others|additional|further|secondary|optional|more|extra|supplementary|supplemental|supporting|related|misc|miscellaneous|nice to have|background)\b/i

/** Null for a heading that announces no sources. */
export function sourceRank(title: string): SourceRank | null {
  if (!sourceNouns.test(title) || wordsOf(title).length > 8) return null
  if (otherWords.test(title)) return 'other'
  return goldenWords.test(title) ? 'golden' : 'named'
}

const wordsOf = (title: string): string[] =>
  title
    .toLowerCase()
    .replace(/['’]\p{L}{1,2}(?!\p{L})/gu, '')
    .split(/[^\p{L}]+/u)
    .filter(Boolean)
