import type { GuidelinePlaces } from './guideline-places.ts'
import type { Find } from './markdown-finds.ts'

/** Names whoever wrote the guideline as the one who has the file. */
const owner =
  /\b(?:ours?|my|mine|attached|enclosed|uploaded|provided|beside|local(?:ly)?|we (?:have|wrote|made|measured|collected))\b/i

/** Asks for a file to be used as a source. */
const request =
  /\b(?:use|using|take|taken|quote|cite|include|embed|insert|copy|reuse|summari[sz]e|draw on|based on|base|start from|see|read|consult|refer to|according to|rely on|work with|in line with|from)\b/i

/** Tells of a program's or a repository's files: they are what the text is about. */
const described =
  /\b(?:repo(?:sitory)?|codebase|cli|command[- ]line|config(?:uration|ured?)?|project|package|server|script|module|class|function|loader?|loads?|imports?|runs?|shows?|opens?|creates?|generates?|writes?|saves?|stores?|contains?|defines?|documentation|docs|notebook|entry ?point)\b/i

const sentenceChars = 400

/**
 * The names of local files that a guideline asks to be used. In a guideline whose outline is told from its lists, a name
 * in running words or in a section's notes counts only where a sentence asks for it and tells of no program; a link to a
 * file, a list of files and a guideline without such a structure ask for all that they name.
 */
export function askedFiles(
  text: string,
  finds: readonly Find[],
  places: GuidelinePlaces,
): string[] {
  return finds.flatMap((find) => {
    if (find.kind !== 'file') return []
    if (find.isLink || !places.isProse(find.offset)) return [find.name]
    const sentence = sentenceAt(text, find)
    if (isAlone(sentence, find.name)) return [find.name]
    const isAsked =
      owner.test(sentence) || (request.test(sentence) && !described.test(withoutName(sentence)))
    return isAsked && !/(?:^|[\s`'"(])\.[\w-]+\//.test(sentence) ? [find.name] : []
  })
}

/** Where a sentence or a list item begins and ends. */
const pause = /\n[ \t]*\n|\n[ \t]*(?:[-*+•]|\d{1,3}[.)])[ \t]|[.!?;](?=\s|$)/

function sentenceAt(text: string, { offset, name }: { offset: number; name: string }): string {
  // The offset is that of the words that hold the name.
  const at = Math.max(offset, text.indexOf(name, offset))
  const before =
    text
      .slice(Math.max(0, at - sentenceChars), at)
      .split(pause)
      .at(-1) ?? ''
  const [after = ''] = text.slice(at, at + sentenceChars).split(pause)
  return before + after
}

/** An item that is the name of a file and nothing else. */
const isAlone = (sentence: string, name: string): boolean =>
  sentence
    .replace(name, '')
    .replace(/\([^()]*\)/g, '')
    .replace(/[^\p{L}\p{N}]+/gu, '') === ''

const withoutName = (sentence: string): string =>
  sentence.replace(/`[^`]*`/g, ' ').replace(/\S*\.\w{1,6}\b/g, ' ')
