/** A PDF of two pages, written by hand: objects, a table of where each begins, and a trailer. */
export function pdfDocument(): Buffer {
  const streams = pages.map(pageStream)
  const kids = streams.map((_, at) => `${4 + at * 2} 0 R`).join(' ')
  const objects = [
    '<< /Type /Catalog /Pages 2 0 R >>',
    `<< /Type /Pages /Kids [${kids}] /Count ${streams.length} >>`,
    '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>',
    ...streams.flatMap((stream, at) => [
      `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents ${5 + at * 2} 0 R /Resources << /Font << /F1 3 0 R >> >> >>`,
      `<< /Length ${stream.length} >>\nstream\n${stream}\nendstream`,
    ]),
    '<< /Title (Append-only storage: a measured case for never updating) /Author (R. Okonjo and M. Brandt) >>',
  ]
  let file = '%PDF-1.4\n'
  const offsets = objects.map((object, at) => {
    const offset = file.length
    file += `${at + 1} 0 obj\n${object}\nendobj\n`
    return offset
  })
  const start = file.length
  const table = offsets.map((offset) => `${String(offset).padStart(10, '0')} 00000 n \n`).join('')
  file += `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${table}`
  file += `trailer\n<< /Size ${objects.length + 1} /Root 1 0 R /Info ${objects.length} 0 R >>\nstartxref\n${start}\n%%EOF\n`
  return Buffer.from(file, 'latin1')
}

/** A line of a page: its size in points and its text. */
type Line = [size: number, text: string]

function pageStream(lines: Line[]): string {
  let y = 780
  const shown = lines.map(([size, text]) => {
    y -= size * 1.5
    const escaped = text.replace(/[\\()]/g, (character) => `\\${character}`)
    return `BT /F1 ${size} Tf 60 ${y.toFixed(1)} Td (${escaped}) Tj ET`
  })
  return shown.join('\n')
}

const text = (paragraph: string): Line[] => [
  ...paragraph.split('\n').map((line): Line => [11, line]),
  [6, ' '],
]

const pages: Line[][] = [
  [
    [20, 'Append-only storage: a measured case'],
    [20, 'for never updating'],
    [12, 'R. Okonjo and M. Brandt, Tidewater Research, Technical Note 31'],
    [8, ' '],
    [15, '1. Question'],
    ...text(`Engineers often assume that keeping every change must cost more than keeping only the latest
state. We measured the difference on one relational database, with the same workload written
twice: once as updates in place, and once as appended events with a folded read model.`),
    [15, '2. Method'],
    ...text(`Both variants ran on two cores with eight gigabytes of memory and a local disk. The workload
replays eleven days of an invoicing system: 4.2 million commands on 310,000 invoices. Each
command was acknowledged only after its transaction was durable. We recorded throughput, write
amplification, the size on disk and the time needed to answer an auditor's question.`),
    [15, '3. Results'],
    ...text(`Updates in place reached 2,140 commands a second; appends reached 3,480. The difference is
explained by indexes: an update of one wide row touched four of them, an append touched two.
On disk the log was 2.3 times as large as the final state before compression and 0.9 times as
large after it, since old segments compress well and never change again.`),
  ],
  [
    [15, '4. Reading the past'],
    ...text(`We asked both systems for the state of two thousand invoices at the end of an arbitrary day. The
event log answered in 41 seconds by folding. The variant with updates could not answer from its
tables; restoring the nearest backup and replaying its write-ahead log took 53 minutes.`),
    [15, '5. Where appending loses'],
    ...text(`Two workloads favour updates. Counters that change thousands of times a second and whose history
nobody wants grow a log without a reader. And systems that must erase personal data on request
need a plan before the first event is written: encryption per person, with keys that can be
destroyed, was the only scheme we found that keeps the log verifiable.`),
    [15, '6. Conclusion'],
    ...text(`For business records the append-only design was faster to write, no larger to keep, and the only
one that could answer for its past. Its real price is paid in the read model, which must be built,
watched and rebuilt. That price is engineering, not hardware.`),
  ],
]
