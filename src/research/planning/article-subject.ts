import { clipGraphemes } from '../../visible-text.ts'
import { isStopWord, termKeys } from './terms.ts'

const subjectWordsMax = 7

/** Words that announce an article and are not its subject. */
const announcements =
  /^(?:(?:an? |the )?(?:article |blog )?(?:guidelines?|briefs?|drafts?|outlines?|posts?|essays?|tutorials?|explainers?|rfc|part \d+|chapter \d+|case study|deep dive|working title)\b(?: (?:for|on|of|about|to)\b)?|(?:please )?(?:write|draft|create|prepare) (?:me )?(?:an? |the )?(?:[\w-]+ ){0,3}?(?:article|post|essay|piece|tutorial|text|guide|report) (?:about|on|for|explaining|describing|that explains)|(?:an? |the )?(?:\w+ )?(?:guide|introduction|intro|primer|overview|deep dive|look)s? (?:to|into|of|on|at)|(?:getting started|working) with|(?:everything|what) you need to know about|(?:understanding|introducing|demystifying|exploring|mastering|rethinking)|\d+ (?:\w+ )?(?:tips|ways|things|reasons|rules|steps|facts)(?: (?:for|to|about|of|why))?|(?:how|why|when|what|where|which|who)\b(?: (?:to|we|i|you|they|is|are|do|does|did|a|an|the)\b)*|(?:on|about|an?|the|our|my|your)\b)\s*/i

/** Where a sentence begins to say something about its subject. */
const saying =
  / (?:that|which|who|whose|when|while|because|can|could|should|will|would|is|are|was|were|has|have|had|does|do|must|may|might|without|so|but|if|until|explained|compared)\b.*$/i

const modals = / (?:can|could|should|will|would|must|may|might)\b/gi

/**
 * What an article is about, from its title: “Event sourcing” from “Article guideline: Event sourcing, or a
 * ledger that can answer for itself”. The first part that names a topic, without the words that announce
 * it, up to where it begins to say something about it. Empty when the title has no topic.
 */
export function articleSubject(title: string): string {
  for (const part of title.split(
    /[:?!|;(){}[\]\uFF1A\uFF1B\uFF1F\uFF08\u3002]|\s[-–—]+\s|[–—]|\.(?=\s|$)/u,
  )) {
    const phrase = corePhrase(part)
    if (phrase !== '') return phrase
  }
  return ''
}

function corePhrase(part: string): string {
  let phrase = firstOfCommas(
    part
      .replace(/["“”„«»‘*_`]/g, ' ')
      .replace(/\s+/g, ' ')
      .trim(),
  )
  for (let round = 0; round < 4; round++) {
    const shorter = phrase.replace(announcements, '')
    if (shorter === phrase) break
    phrase = shorter
  }
  const head = phrase.replace(saying, '')
  // One word alone (“cities”) says too little when the title says more.
  const isTelling = termKeys(head).size >= Math.min(2, termKeys(phrase).size)
  const words = (isTelling ? head : phrase.replace(modals, '')).split(' ').slice(0, subjectWordsMax)
  while (words.length > 0 && isStopWord(words.at(-1) ?? '')) words.pop()
  const core = clipGraphemes(words.join(' ').replace(/[\s.,;]+$/, ''), 120)
  return termKeys(core).size > 0 ? core : ''
}

/** A comma begins an afterthought, unless it stands in an enumeration such as “Kafka, NATS and Redis”. */
function firstOfCommas(text: string): string {
  const [first = '', ...others] = text.split(/[,\u3001\uFF0C]\s*/u)
  const isEnumeration =
    others.length > 0 &&
    [first, ...others].every((item) => item.split(' ').length <= 5) &&
    / (?:and|or|vs\.?|versus|und|et|y) /i.test(others.at(-1) ?? '') &&
    !/^(?:and|or|an?|the|how|why|what|with|without)\b/i.test(others[0] ?? '')
  return isEnumeration ? text : first
}
