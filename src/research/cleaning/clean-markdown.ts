import { z } from 'zod'
import { ModelFailure } from '../models/model-failure.ts'
import type { LanguageModelPort } from '../models/model-port.ts'
import { cleanPrompt } from '../models/prompts.ts'

export interface CleanContext {
  guidelineText: string
  signal: AbortSignal
}

export interface CleanedMarkdown {
  markdown: string
  removedChars: number
  /** Why it was left as it is, in whole or in part; null when all went as meant. */
  note: string | null
}

const rangesSchema = z.object({
  drop: z.array(z.object({ from: z.number(), to: z.number() })),
})

/** A page says "drop everything" when it wants to vanish; what is left then is no cleaned page. */
const shareKeptMin = 0.05

/**
 * Lets a model remove boilerplate from a page. It is asked for numbers of lines to drop, never for the text:
 * so it cannot write, it costs a handful of output tokens instead of the whole page again, and a hostile page
 * can make it do no more than drop lines. Code is never dropped. The result is still checked to be made of
 * the original's lines in their order; if it were not, the original would stay.
 */
export async function cleanMarkdown(
  original: string,
  context: CleanContext,
  model: LanguageModelPort,
): Promise<CleanedMarkdown> {
  const lines = original.split('\n')
  const { chunks, left } = chunkLines(lines)
  const dropped = new Set<number>()
  const notes: string[] = left > 0 ? [`its last ${left} lines were not looked at`] : []
  for (const chunk of chunks) {
    try {
      for (const line of await linesToDrop(chunk, context, model)) dropped.add(line)
    } catch (error) {
      if (!(error instanceof ModelFailure)) throw error
      notes.push(`lines ${chunk.first} to ${chunk.last} were kept because ${error.message}`)
    }
  }
  for (const line of codeLines(lines)) dropped.delete(line)
  const markdown = withoutLines(lines, dropped)
  const problem = problemOf(original, markdown)
  if (problem) return { markdown: original, removedChars: 0, note: problem }
  const note = notes.length > 0 ? `Cleaning was partial: ${notes.join('; ')}.`.slice(0, 480) : null
  return { markdown, removedChars: original.length - markdown.length, note }
}

async function linesToDrop(
  chunk: Chunk,
  { guidelineText, signal }: CleanContext,
  model: LanguageModelPort,
): Promise<number[]> {
  const { drop } = await model.object({
    ...cleanPrompt(guidelineText, chunk.numbered),
    schema: rangesSchema,
    signal,
  })
  return drop.flatMap(({ from, to }) => {
    // Only lines that this request showed: a page cannot talk a model into dropping another chunk's.
    const first = Math.max(Math.ceil(from), chunk.first)
    const last = Math.min(Math.floor(to), chunk.last)
    return Array.from({ length: Math.max(0, last - first + 1) }, (_, offset) => first + offset)
  })
}

/** Numbers count from one. Runs of empty lines that a removal leaves behind become one. */
function withoutLines(lines: readonly string[], dropped: ReadonlySet<number>): string {
  if (dropped.size === 0) return lines.join('\n')
  const kept: string[] = []
  let cut = false
  for (const [index, line] of lines.entries()) {
    if (dropped.has(index + 1)) {
      cut = true
      continue
    }
    if (cut && line.trim() === '' && (kept.at(-1) ?? '').trim() === '') continue
    cut = false
    kept.push(line)
  }
  return kept.join('\n')
}

function problemOf(original: string, markdown: string): string | null {
  if (!onlyRemoves(original, markdown)) {
    return 'Not cleaned: the result was not made of the original lines.'
  }
  if (original.trim() !== '' && markdown.trim().length < original.trim().length * shareKeptMin) {
    return 'Not cleaned: the model wanted to remove nearly everything.'
  }
  return null
}

/** The numbers, from one, of all lines that belong to fenced code, fences included. */
export function codeLines(lines: readonly string[]): Set<number> {
  const numbers = new Set<number>()
  let fence: string | null = null
  for (const [index, line] of lines.entries()) {
    const marker = /^\s*(?:>\s*)*(`{3,}|~{3,})/.exec(line)?.[1]
    if (fence === null) {
      if (marker === undefined) continue
      fence = marker
      numbers.add(index + 1)
      continue
    }
    numbers.add(index + 1)
    if (marker?.startsWith(fence) && line.trim().endsWith(marker)) fence = null
  }
  return numbers
}

/**
 * Whether `cleaned` could have been made from `original` by removing lines alone: each of its lines, spaces
 * aside, occurs in the original, in the same order. One pass over both.
 */
export function onlyRemoves(original: string, cleaned: string): boolean {
  const wanted = cleaned.split('\n').map(spaceless).filter(Boolean)
  let next = 0
  for (const line of original.split('\n')) {
    if (next === wanted.length) break
    if (spaceless(line) === wanted[next]) next += 1
  }
  return next === wanted.length
}

const spaceless = (line: string): string => line.replace(/\s+/g, ' ').trim()

/** A run of lines that one request shows to the model; numbers count from one and hold for the whole page. */
export interface Chunk {
  first: number
  last: number
  /** The lines with their numbers, long ones shortened. */
  numbered: string
}

const chunkCharsMax = 24_000
const chunksMax = 12
const lineCharsShown = 400

/** Cuts a page into requests of bounded size; `left` lines behind the last request are kept unseen. */
export function chunkLines(lines: readonly string[]): { chunks: Chunk[]; left: number } {
  const chunks: Chunk[] = []
  let shown: string[] = []
  let size = 0
  const close = (last: number) => {
    if (shown.length === 0) return
    chunks.push({ first: last - shown.length + 1, last, numbered: shown.join('\n') })
    shown = []
    size = 0
  }
  for (const [index, line] of lines.entries()) {
    const text = `${index + 1}: ${shorten(line)}`
    if (size + text.length > chunkCharsMax) close(index)
    if (chunks.length === chunksMax) return { chunks, left: lines.length - index }
    shown.push(text)
    size += text.length + 1
  }
  close(lines.length)
  return { chunks, left: 0 }
}

const shorten = (line: string): string =>
  line.length <= lineCharsShown
    ? line
    : `${line.slice(0, lineCharsShown)} … (${line.length - lineCharsShown} more characters)`
