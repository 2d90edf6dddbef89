import { typographicEnds } from './literal-urls.ts'
import { localFileName } from './local-file-reference.ts'

/** Stands where an address or a file name stood, so that what only introduces a source can be cut away. */
export const sourceMark = '\uE000'

const fileName = /^[\w./ -]{1,120}\.(?:md|txt|pdf|ipynb|py|ts|js|csv|json|docx?|html?|sql|ya?ml)$/i

/** A line without its Markdown dress and numbering such as `Section 2 -`; sources in it become marks. */
export function plainLine(line: string): string {
  if (isFileName(line.trim())) return sourceMark
  return line
    .slice(0, 2_000)
    .replace(/^\s{0,3}\[[^\]\n]{1,200}\]:.*$/, '')
    .replace(/\[\^[^\]\s]{1,80}\]/g, sourceMark)
    .replace(/`([^`]+)`/g, (_all, code: string) => (fileName.test(code) ? sourceMark : code))
    .replace(/!?\[([^\][]*)\]\([^()]*\)/g, '$1')
    .replace(/!?\[([^\][]+)\]\[[^\][]*\]/g, '$1')
    .replace(address, sourceMark)
    .replace(/<\/?[a-z][^<>]*>/gi, ' ')
    .replace(/[*`~<>|]+|(?<![\p{L}\p{N}])_+|_+(?![\p{L}\p{N}])/gu, ' ')
    .replace(numbering, '')
    .replace(/\s+/g, ' ')
    .trim()
}

const address = new RegExp(String.raw`<?https?:\/\/(?:(?!${typographicEnds})[^\s)>\]])+>?`, 'gu')

/** A single word, since “the parts of a README.md” is a topic. */
const isFileName = (text: string): boolean => /^\S+$/.test(text) && localFileName(text) !== null

const numbering =
  /^\s*(?:(?:section|chapter|part|step)\s+)?(?:\d{1,3}(?:\.\d{1,3})*[.):]?|[ivx]{1,5}[.)])\s*[-–—:]?\s+/i

export const withoutMarks = (text: string): string =>
  text
    .replaceAll(sourceMark, ' ')
    .replace(/\(\s*\)/g, ' ')
    .replace(/\s+/g, ' ')
    .trim()
