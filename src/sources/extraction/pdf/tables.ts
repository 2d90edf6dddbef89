import type { Table } from 'mdast'
import { beginsItem } from './add-text.ts'
import { gapBetween } from './gap-between.ts'
import type { JoinLines } from './join-lines.ts'
import type { LineCell, TextLine } from './text-item.ts'

const rowsMin = 3
const rowsMax = 300
const columnsMax = 12
/** In a table one column may hold sentences; two of them are the columns of a page. */
const longCell = 40
const leaders = /\.{5}|(?:\. ){4}/

/** A column's extent, and its cells by row. */
interface Column {
  x: number
  end: number
  cells: Map<number, LineCell>
}

interface Grid {
  columns: Column[]
  rows: number
  lines: number
}

/**
 * The table that begins with this line: lines whose cells stand in the same columns with white space between
 * them all the way down. Undefined unless that holds for three lines and the columns line up.
 */
export function tableAt(
  lines: readonly TextLine[],
  start: number,
  hasCode: boolean,
  join: JoinLines,
): { node: Table; lines: number } | undefined {
  const grid: Grid = { columns: [], rows: 0, lines: 0 }
  let before: TextLine | undefined
  for (let index = start; index < lines.length && grid.rows < rowsMax; index += 1) {
    const line = lines[index]
    if (!line || (hasCode && line.isMono) || leaders.test(line.text)) break
    if (before && !follows(before, line)) break
    if (!addRow(grid, line) && !(before && continuesCell(grid, line, before, join))) break
    grid.lines += 1
    before = line
  }
  const size = before?.size ?? 0
  return isTable(grid, size) ? { node: tableOf(grid), lines: grid.lines } : undefined
}

const follows = (before: TextLine, line: TextLine): boolean =>
  before.page === line.page && before.y > line.y && gapBetween(before, line) < 2.6

/** Places the cells of a line, unless one would bridge two columns or share one with another cell. */
function addRow(grid: Grid, line: TextLine): boolean {
  if (line.cells.length < 2) return false
  const placed = line.cells.map((cell) => ({ cell, over: columnsUnder(grid, cell) }))
  const taken = placed.flatMap(({ over }) => over)
  const isClear =
    placed.every(({ over }) => over.length < 2) && new Set(taken).size === taken.length
  const fresh = placed.filter(({ over }) => over.length === 0).length
  if (!isClear || grid.columns.length + fresh > columnsMax) return false
  for (const { cell, over } of placed) {
    const column = over[0] ?? { ...cell, cells: new Map<number, LineCell>() }
    if (over.length === 0) grid.columns.push(column)
    column.x = Math.min(column.x, cell.x)
    column.end = Math.max(column.end, cell.end)
    column.cells.set(grid.rows, { ...cell })
  }
  grid.rows += 1
  return true
}

const columnsUnder = (grid: Grid, cell: LineCell): Column[] =>
  grid.columns.filter((column) => cell.x < column.end && column.x < cell.end)

/** A line with one cell, close below and not in the first column, goes on with that cell. */
function continuesCell(grid: Grid, line: TextLine, before: TextLine, join: JoinLines): boolean {
  const [cell] = line.cells
  if (!cell || line.cells.length > 1 || gapBetween(before, line) > 1.4) return false
  const [column, ...others] = columnsUnder(grid, cell)
  const above = column?.cells.get(grid.rows - 1)
  if (!column || !above || others.length > 0) return false
  if (grid.columns.every((other) => other.x >= column.x)) return false
  above.text = join(above.text, cell.text)
  column.end = Math.max(column.end, cell.end)
  return true
}

function isTable({ columns, rows }: Grid, size: number): boolean {
  if (rows < rowsMin || columns.length < 2) return false
  const filled = columns.reduce((sum, { cells }) => sum + cells.size, 0)
  const isLong = ({ cells }: Column) => median([...cells.values()].map(({ text }) => text.length))
  return (
    filled >= rows * columns.length * 0.6 &&
    columns.filter((column) => isLong(column) > longCell).length < 2 &&
    columns.every((column) => column.cells.size > 1 && linesUp(column, size)) &&
    !columns.some((column) => holdsOnly(column, isMark)) &&
    !columns.some((column) => holdsOnly(column, isEquationNumber))
  )
}

/** The cells of a column begin, end or are centred at one place; words that happen to be apart do not. */
function linesUp({ cells }: Column, size: number): boolean {
  const edges = [
    (cell: LineCell) => cell.x,
    (cell: LineCell) => cell.end,
    (cell: LineCell) => (cell.x + cell.end) / 2,
  ]
  return edges.some((edge) => {
    const places = [...cells.values()].map(edge)
    const middle = median(places)
    const near = places.filter((place) => Math.abs(place - middle) <= size * 0.6).length
    return near >= places.length * 0.7
  })
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0

const holdsOnly = ({ cells }: Column, is: (text: string) => boolean): boolean =>
  [...cells.values()].every(({ text }) => is(text))

const isMark = (text: string): boolean => text.length < 5 && beginsItem(`${text} `)

const isEquationNumber = (text: string): boolean => /^\(\d{1,3}(?:\.\d{1,3})?[a-z]?\)$/.test(text)

function tableOf({ columns, rows }: Grid): Table {
  const ordered = columns.toSorted((a, b) => a.x - b.x)
  return {
    type: 'table',
    align: [],
    children: Array.from({ length: rows }, (_, row) => ({
      type: 'tableRow',
      children: ordered.map(({ cells }) => ({
        type: 'tableCell',
        children: [{ type: 'text', value: cells.get(row)?.text ?? '' }],
      })),
    })),
  }
}
