/** Whose letters join, stack or change with what follows: there, joiners decide what a reader sees. */
const joining = String.raw`[[[${[
  ...[
    'Arab',
    'Syrc',
    'Mand',
    'Mong',
    'Nkoo',
    'Adlm',
    'Phag',
    'Rohg',
    'Deva',
    'Beng',
    'Guru',
    'Gujr',
  ],
  ...[
    'Orya',
    'Taml',
    'Telu',
    'Knda',
    'Mlym',
    'Sinh',
    'Khmr',
    'Mymr',
    'Tibt',
    'Bali',
    'Java',
    'Sund',
  ],
]
  .map((script) => `\\p{scx=${script}}`)
  .join('')}]&&[\p{L}\p{M}]]--\p{DI}]`

const mongolian = String.raw`[\p{sc=Mong}&&\p{L}]`

/** Characters that show nothing by themselves, each where it belongs to the writing or the emoji it stands in. */
const needed = [
  // Persian, Hindi: between letters, at the end of a half form, and before a suffix of a foreign word.
  String.raw`(?<=${joining})[\u200c\u200d]|(?<=[[\p{L}\p{N}]--\p{DI}])[\u200c\u200d](?=${joining})`,
  String.raw`(?<=\p{ExtPict}\p{EMod}?\ufe0f?)\u200d(?=\p{ExtPict})`,
  String.raw`(?<=[[\p{Emoji}\p{ExtPict}]--[0-9#*]])[\ufe0e\ufe0f]|(?<=[0-9#*])\ufe0f(?=\u20e3)`,
  // The flags of England, Scotland and Wales: no other words in tag characters are an emoji.
  String.raw`(?<=\u{1f3f4})\u{e0067}\u{e0062}(?:\u{e0065}\u{e006e}\u{e0067}|\u{e0073}\u{e0063}\u{e0074}|\u{e0077}\u{e006c}\u{e0073})\u{e007f}`,
  // Variants of ideographs that are in use; one further up could stand for a letter of hidden ASCII.
  String.raw`(?<=\p{Ideographic})[\ufe00-\ufe02\u{e0100}-\u{e011f}]`,
  String.raw`(?<=[\u3001\u3002\uff01\uff0c\uff0e\uff1a\uff1b\uff1f])[\ufe00\ufe01]`,
  String.raw`(?<=[\p{Sm}\p{sc=Mymr}\p{sc=Phag}])\ufe00`,
  String.raw`(?<=${mongolian})[\u180b-\u180d\u180f]`,
  String.raw`(?<=${mongolian}[\u180b-\u180d\u180f]?)\u180e(?=${mongolian})`,
  String.raw`(?<=[\u1100-\u115e\ua960-\ua97c])\u1160|\u115f(?=[\u1161-\u11a7\ud7b0-\ud7c6])`,
  String.raw`(?<=\p{sc=Hebr})\u034f(?=\p{sc=Hebr})`,
].join('|')

const hidden = String.raw`[[\p{DI}\p{Cc}\p{NChar}\ufff9-\ufffb]--[\n\t]]`
const anyHidden = new RegExp(hidden, 'v')
const neededOrHidden = new RegExp(`(${needed})|${hidden}`, 'gv')

/**
 * Text of others without what a reader cannot see: controls, direction overrides, zero-width and tag
 * characters, runs of variation selectors. They carry instructions past the eyes of the person who is
 * responsible. What writing and emoji need stays; every line end is LF. Linear, and done twice the same as once.
 */
export function visibleText(text: string): string {
  const lines = text.toWellFormed().replace(/\r\n|[\r\v\f\u0085\u2028\u2029]/g, '\n')
  if (!anyHidden.test(lines)) return lines
  return lines.replace(neededOrHidden, (_all, kept?: string) => kept ?? '')
}

/**
 * The same on one line of at most `max` UTF-16 units. What is cut ends with `…` and never within what a
 * reader takes for one character. A title, a name or a query of others stands on a line of ours only so.
 */
export function visibleLine(text: string, max = Number.POSITIVE_INFINITY): string {
  // Hidden characters and white space may be most of a text; beyond this it has nothing to say.
  const bounded = max === Number.POSITIVE_INFINITY ? text : text.slice(0, max * 16)
  const line = visibleText(bounded.replace(/\p{Cc}/gu, ' '))
    .replace(/(?<=\p{sc=Mong})(\u202f)(?=\p{sc=Mong})|\s+/gu, (_all, kept?: string) => kept ?? ' ')
    .trim()
  if (line.length <= max) return line
  // A joiner at the cut has lost the letters that it stood between.
  return visibleText(`${clipGraphemes(line, max - 1)}…`).replace(/\s+…$/u, '…')
}

/** The same for every string of a JSON value, names of fields included. */
export function visibleValue<Value>(value: Value): Value {
  if (typeof value === 'string') return visibleText(value) as Value
  if (Array.isArray(value)) return value.map(visibleValue) as Value
  if (typeof value !== 'object' || value === null || 'toJSON' in value) return value
  return Object.fromEntries(
    Object.entries(value).map(([field, held]) => [visibleText(field), visibleValue(held)]),
  ) as Value
}

/** JSON with what a reader could not see escaped: a person sees it, and for a program no value changes. */
export const visibleJson = (json: string): string =>
  json.replace(neededOrHidden, (found, kept?: string) =>
    kept === undefined ? escaped(found) : kept,
  )

const escaped = (text: string): string =>
  [...Array(text.length).keys()]
    .map((at) => `\\u${text.charCodeAt(at).toString(16).padStart(4, '0')}`)
    .join('')

const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' })
/** A base with more marks than this is no character that anybody reads. */
const graphemeMax = 256

/** The beginning of a text of at most `max` UTF-16 units that splits no emoji and no letter from its marks. */
export function clipGraphemes(text: string, max: number): string {
  if (text.length <= max) return text
  const from = Math.max(0, max - graphemeMax)
  const around = segmenter.segment(text.slice(from, max + graphemeMax))
  const end = from + (around.containing(max - from)?.index ?? 0)
  if (end > from || end === max) return text.slice(0, end)
  return text.slice(0, /[\ud800-\udbff]/.test(text.charAt(max - 1)) ? max - 1 : max)
}
