import { isFrameHeading } from '../../sources/guideline/frame-headings.ts'
import type { ListItem } from '../../sources/guideline/guideline-parts.ts'
import { termKeys } from './terms.ts'

/**
 * Notes to whoever writes: how long, what comes before and after, which picture, whose code. They speak of the
 * piece itself and ask nothing about the world.
 */
const authoring =
  /\b(?:this|the|each|every|next|previous|future|last|earlier|later|upcoming|past|our|rest of the) (?:lessons?|sections?|articles?|posts?|pieces?|chapters?|tutorials?|courses?|readers?|students?|notebooks?|parts?|subsections?)\b|\b(?:lessons?|sections?|parts?|chapters?) \d|\b(?:readers?|mermaid|diagrams?|screenshots?|placeholders?|infographics?|notebook)\b|\b(?:image|figure|picture|illustration|graphic) (?:from|of|showing|with|that)\b|\b[\d,.]+k? words\b|\b(?:section|expected|target) length\b|^(?:to )?(?:transition|conclude|wrap[- ]?up|cta\b|call to action)|\bwe(?:['’]ll| will| want| have|['’]ve)? (?:learn|learnt|learned|cover|covered|see|wrap)\b|\bquick(?:ly)? (?:walkthrough|reference|note)\b/iu

/** Whoever has the code shows it; a search finds none of these. */
const codeSteps =
  /\b(?:code|notebook|script|repository|repo|implementation)\b.*(?:step[- ]by[- ]step|:\s*$)|^(?:follow|here is how you should use|use|using) the code\b|\bwalk ?through the\b/i

/** `Import`, `run`, `show the output`: steps through code that the author has. */
const codeStep =
  /^(?:show|import|load|run|call|output|print|define|redefine|instantiate|initiali[sz]e|create (?:the|a|an)|configure|execute|parse|build (?:the|workflow)|filter|extract|transform|set up the|first, |now, |shows? )\b/i

/** Names of what an item is, not what it is about. */
const labels =
  /^(?:the )?(?:core |main |key |our |real[- ]world |practical |popular |use |more |some )*(?:problems?|challenges?|definitions?|characteristics|analog(?:y|ies)|examples?|strengths?|weakness(?:es)?|benefits?|downsides?|drawbacks|advantages?|disadvantages?|pros|cons|use cases?|context|notes?|important note|side note|purpose|goals?|objectives?|points?|takeaways?|questions?|solutions?|ideas?|connection|motivation|why this .*|good news|your path forward|what we[’']?(?:ve|ll)? .*|include .*|begin with .*|start with .*)$/i

interface Want {
  text: string
  /** The lower, the better one can ask about it. */
  rank: number
}

const shortWordsMax = 9

/** What the list items of a section want to know, the most telling first, without notes to the author. */
export function wantsOf(items: readonly ListItem[]): string[] {
  const wants: Want[] = []
  /** Indents of items whose nested items are steps through code. */
  let stepsBelow = Number.POSITIVE_INFINITY
  for (const item of items) {
    if (item.indent <= stepsBelow) stepsBelow = Number.POSITIVE_INFINITY
    const inSteps = stepsBelow < item.indent
    if (!inSteps && codeSteps.test(item.text)) stepsBelow = item.indent
    const want = wantOf(item, inSteps)
    if (want) wants.push(want)
  }
  return wants.toSorted((a, b) => a.rank - b.rank).map(({ text }) => text)
}

function wantOf({ text, lead, indent }: ListItem, inSteps: boolean): Want | null {
  const isNested = indent > 1 ? 1 : 0
  const named = lead.replace(/^["“]|["”]$/g, '')
  if (named !== '' && !labels.test(named) && !authoring.test(named) && !isFrameHeading(named)) {
    const topics = termKeys(named).size
    const isTelling = topics > 1 || named.length > 5
    if (topics > 0 && !(inSteps && codeStep.test(named))) {
      // “App:” and “LLM:” label who speaks in a dialogue.
      return isTelling ? { text: named, rank: isNested } : null
    }
  }
  if (inSteps) return null
  const said =
    lead !== '' && labels.test(named) ? text.slice(text.indexOf(lead) + lead.length) : text
  const [sentence = ''] = said.replace(/^[\s:.–—-]+/, '').split(/(?<=[.!?])\s+(?=\p{Lu})/u)
  if (authoring.test(sentence) || codeStep.test(sentence) || isFrameHeading(sentence)) return null
  const [, label = '', rest = ''] = /^([^:]{2,60}):\s+(.*)$/s.exec(sentence) ?? []
  const bare = mainClause(label !== '' && labels.test(label) ? rest : sentence)
  if (termKeys(bare).size === 0 || labels.test(bare.replace(/[:.]$/, ''))) return null
  if (remarks.test(bare) || /!$/.test(bare)) return null
  return { text: bare, rank: bare.split(' ').length <= shortWordsMax ? isNested : 2 + isNested }
}

/** A sentence that goes on from another, or speaks for the author, asks nothing when it stands alone. */
const remarks =
  /^(?:thus|still|until|now|here|this|these|those|that|it|its|they|there|also|but|so|and|or|then|next|we|our|i|you|let['’]?s|while|rather|as|in (?:the|this|these|our)|by the|at (?:this|a)|for (?:example|more|the)|before|after|similar|make sure|remember|list|specify|highlight|mention|emphasi[sz]e|note|see|add|attach|draw|provide|reference|demonstrate|review|prepare|the (?:goal|idea|end goal|best way|core|main))\b/i

/** “When building X, engineers face Y” wants to know what engineers face; “On X we care about” wants X. */
const mainClause = (sentence: string): string =>
  sentence
    .replace(
      /^(?:when|while|if|as|because|since|after|before|once|to)\b[^,]{3,90},\s+(?=\S+\s+\S+\s+\S)/i,
      '',
    )
    .replace(/^(?:on|about|for) (.{2,80}?),? we (?:care|want|focus|look|need)\b.*$/is, '$1')
