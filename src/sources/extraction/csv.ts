import type { TableRow } from 'mdast'
import type { Converted } from './converted.ts'
import { markdownOf } from './markdown-tree.ts'

const rowsMax = 200
const columnsMax = 30

/** A table of values as a Markdown table of its first rows. */
export function convertCsv(source: string, delimiter?: string): Converted {
  const rows = parseCsv(source, delimiter ?? likelyDelimiter(source), rowsMax + 2)
  const columns = Math.min(columnsMax, Math.max(...rows.map((row) => row.length), 1))
  const shown = rows.slice(0, rowsMax + 1)
  const markdown = markdownOf([
    { type: 'table', align: [], children: shown.map((row) => tableRow(row, columns)) },
  ])
  const notes = ['A table of values.']
  if (rows.length > shown.length) notes.push(`Only the first ${rowsMax} rows are shown.`)
  if (rows.some((row) => row.length > columnsMax)) {
    notes.push(`Only the first ${columnsMax} columns are shown.`)
  }
  return { title: '', markdown, facts: {}, notes }
}

const tableRow = (row: readonly string[], columns: number): TableRow => ({
  type: 'tableRow',
  children: Array.from({ length: columns }, (_, index) => ({
    type: 'tableCell',
    children: [{ type: 'text', value: (row[index] ?? '').replace(/\s+/g, ' ').trim() }],
  })),
})

function likelyDelimiter(source: string): string {
  const [head = ''] = source.split('\n', 1)
  const counts = [',', ';', '\t', '|'].map((mark) => ({ mark, count: head.split(mark).length }))
  return counts.sort((a, b) => b.count - a.count)[0]?.mark ?? ','
}

/** RFC 4180 with any delimiter: quoted values may hold delimiters, quotes and line breaks. */
function parseCsv(source: string, delimiter: string, rowsWanted: number): string[][] {
  const rows: string[][] = []
  let row: string[] = []
  let value = ''
  let quoted = false
  const endRow = () => {
    row.push(value)
    if (row.some((cell) => cell.trim() !== '')) rows.push(row)
    row = []
    value = ''
  }
  for (let index = 0; index < source.length && rows.length < rowsWanted; index += 1) {
    const character = source[index]
    if (quoted && character === '"' && source[index + 1] === '"') {
      value += '"'
      index += 1
    } else if (character === '"' && (quoted || value === '')) quoted = !quoted
    else if (!quoted && character === delimiter) {
      row.push(value)
      value = ''
    } else if (!quoted && (character === '\n' || character === '\r')) endRow()
    else value += character
  }
  if (rows.length < rowsWanted) endRow()
  return rows
}
