import type { Analytics } from '../../projections/usage/analytics.ts'
import { visibleLine } from '../../visible-text.ts'
import { type Html, html } from './html.ts'
import { layout } from './layout.ts'

const percent = (share: number): string => `${Math.round(share * 100)} %`
const people = (count: number): string => (count === 1 ? '1 user' : `${count} users`)

const usd = (amount: number): string => `$${amount.toFixed(amount < 1 ? 4 : 2)}`

/** How Nova is used, for administrators: drawn here, so that no script has to run. */
export const analyticsPage = (base: string, data: Analytics): Html =>
  layout(base, {
    title: `Usage in ${data.month}`,
    main: html`<h1>Usage in ${data.month}</h1>
<p class="fine">Months are UTC. A call counts one, or what the user's plan says for its tool. A call that was given back counts nothing.</p>
${
  data.months.length > 0 &&
  html`<nav aria-label="Months">${data.months.map(
    ({ month }) => html`<a href="?month=${month}">${month}</a> `,
  )}</nav>`
}
${plot(
  'Used in the last twelve months',
  data.months.map((row) => ({
    label: row.month,
    value: row.used,
    note: `${row.used} by ${people(row.users)}, ${row.refusals} refused`,
  })),
)}
${plot(
  'Tools by calls, with those that failed',
  data.tools.map((row) => ({
    label: row.tool,
    value: row.calls,
    part: row.failed,
    note: `${row.calls} (${row.failed} failed)`,
  })),
)}
${plot(
  'How long calls took by tool: 95 of 100 took no longer',
  data.tools.map((row) => ({
    label: row.tool,
    value: row.p95_ms ?? 0,
    part: row.p50_ms ?? 0,
    note:
      row.p95_ms === null
        ? 'none ended'
        : `50 of 100: ${row.p50_ms} ms; 95 of 100: ${row.p95_ms} ms`,
  })),
)}
${plot(
  'Articles by status, now',
  data.articles.map((row) => ({
    label: row.status,
    value: row.articles,
    note: `${row.articles} (${percent(row.share)})`,
  })),
)}
${plot(
  'Users who have used 80 % of their limit or more',
  data.near_limit.map((row) => ({
    label: row.user_id,
    value: row.calls_per_month,
    part: row.used,
    note: `${row.used} of ${row.calls_per_month} (${percent(row.share)})`,
  })),
)}
${plot(
  'Users by use',
  data.users.map((row) => ({ label: row.user_id, value: row.used })),
)}
${plot(
  'Search, models and browsers by answers, with tokens in + out and cost',
  data.providers.map((row) => ({
    label: row.provider,
    value: row.answers,
    note: noteOfProvider(row),
  })),
)}`,
  })

const compact = new Intl.NumberFormat('en', { notation: 'compact' })

/** Only models count tokens; the room behind a bar is for about 35 characters. */
function noteOfProvider(row: Analytics['providers'][number]): string {
  const { answers, input_tokens, output_tokens } = row
  const tokens = `${compact.format(input_tokens)} + ${compact.format(output_tokens)} tokens`
  return input_tokens + output_tokens === 0
    ? `${answers}, ${usd(row.cost_usd)}`
    : `${answers}, ${tokens}, ${usd(row.cost_usd)}`
}

/** A long name is cut in its plot; the numbers in JSON are whole. */
const labelMax = 34
const cut = (label: string): string => visibleLine(label, labelMax)

const plot = (title: string, bars: readonly Bar[]): Html => html`<section class="card">
<h2>${title}</h2>
${
  bars.length === 0
    ? html`<p class="fine">Nothing yet.</p>`
    : barChart(
        title,
        bars.map((bar) => ({ ...bar, label: cut(bar.label) })),
      )
}
</section>`

interface Bar {
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
function barChart(title: string, bars: readonly Bar[]): Html {
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
