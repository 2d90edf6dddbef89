import { type Html, html } from './html.ts'

export interface Bar {
  label: string
  value: number
  /** What is drawn darker at the bar's beginning: a part of the value. */
  part?: number
  /** Shown at the end; default: the value. */
  note?: string
}

const rowHeight = 26
const labelWidth = 260
/** Leaves as much room behind the longest bar for its note. */
const barWidth = 230
const width = 760

/** Horizontal bars with their numbers as text: readable without colours, scripts and styles. */
export function barChart(title: string, bars: readonly Bar[]): Html {
  const most = Math.max(1, ...bars.map(({ value }) => value))
  const height = bars.length * rowHeight + 4
  const scaled = (value: number) => Math.max(0, Math.round((value / most) * barWidth))
  return html`<svg viewBox="0 0 ${width} ${height}" width="100%" role="img" aria-label="${title}" fill="currentColor" font-size="14">
<title>${title}</title>
${bars.map((bar, row) => {
  const y = row * rowHeight
  const end = labelWidth + scaled(bar.value)
  return html`<text x="${labelWidth - 10}" y="${y + 18}" text-anchor="end">${bar.label}</text>
<rect x="${labelWidth}" y="${y + 5}" width="${scaled(bar.value)}" height="16" rx="3" opacity="0.35"/>
<rect x="${labelWidth}" y="${y + 5}" width="${scaled(bar.part ?? 0)}" height="16" rx="3" opacity="0.9"/>
<text x="${end + 8}" y="${y + 18}">${bar.note ?? bar.value}</text>
`
})}</svg>`
}
