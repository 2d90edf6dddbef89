/**
 * `[1]`, and several in one: `[1, 2]`, `[1-3]`. Code is read over, because there a number in brackets is an index;
 * a number before an address is the words of a link.
 */
const markOrCode =
  /(```[\s\S]*?(?:```|$)|~~~[\s\S]*?(?:~~~|$)|`[^`\n]*`)|\[(\d{1,3}(?:\s*[,;–-]\s*\d{1,3})*)\](?![(:])/g

/** The numbers that a text cites. */
export function citedNumbers(text: string): Set<number> {
  const marks = [...text.matchAll(markOrCode)].flatMap(([, , mark]) => (mark ? [mark] : []))
  return new Set(marks.flatMap(numbersOf))
}

/**
 * The text with each mark on its source's new place, one mark per source. A mark of a source that was dropped, or never
 * named, goes: it would name another.
 */
export function renumbered(text: string, places: readonly (number | null)[]): string {
  return text.replace(markOrCode, (all: string, code?: string, mark?: string) => {
    if (code !== undefined || mark === undefined) return all
    const numbers = numbersOf(mark)
    // A pair of numbers, an interval or a year of birth is no list of citations.
    if (numbers.length > 1 && numbers.some((number) => number < 1 || number > places.length))
      return all
    const kept = new Set(numbers.map((number) => places[number - 1] ?? null))
    return [...kept].map((place) => (place === null ? '' : `[${place}]`)).join('')
  })
}

const rangeMax = 20

function numbersOf(mark: string): number[] {
  return mark.split(/[,;]/).flatMap((part) => {
    const [from = 0, to = from] = part.split(/[–-]/).map(Number)
    const length = to - from + 1
    return length > 1 && length <= rangeMax
      ? Array.from({ length }, (_, at) => from + at)
      : from === to
        ? [from]
        : [from, to]
  })
}
