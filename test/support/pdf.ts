/** Text at a place of a page; the origin is the lower left corner of 612 × 792 points. */
export interface Placed {
  text: string
  x: number
  y: number
  size?: number
  /** Set in Courier, as code is. */
  isMono?: boolean
  isBold?: boolean
  /** Degrees that the text is turned against the clock. */
  turn?: number
}

/** What a page has besides its text. */
interface PageExtras {
  title?: string
  /** Dictionaries of annotations, on the first page. */
  annotations?: readonly string[]
  /** How far each page is turned when it is shown. */
  rotate?: number
}

/** A PDF of pages of placed text in Helvetica, written by hand so that a test can say exactly what is where. */
export function pdfOf(
  pages: readonly (readonly Placed[])[],
  extras: string | PageExtras = {},
): Uint8Array {
  const {
    title,
    annotations = [],
    rotate = 0,
  } = typeof extras === 'string' ? { title: extras } : extras
  const objects: string[] = []
  const add = (body: string) => objects.push(body)
  const kids = pages.map((_, index) => `${4 + index * 2} 0 R`).join(' ')
  add('<< /Type /Catalog /Pages 2 0 R >>')
  add(`<< /Type /Pages /Kids [${kids}] /Count ${pages.length} >>`)
  add('<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>')
  for (const [index, page] of pages.entries()) {
    const content = page
      .map(({ text, x, y, size = 10, isMono, isBold, turn = 0 }) => {
        const escaped = text.replace(/[\\()]/g, '\\$&')
        const font = isMono ? 'F2' : isBold ? 'F3' : 'F1'
        const [cos, sin] = [Math.cos, Math.sin].map((of) => of((turn * Math.PI) / 180).toFixed(4))
        return `BT /${font} ${size} Tf ${cos} ${sin} ${-Number(sin)} ${cos} ${x} ${y} Tm (${escaped}) Tj ET`
      })
      .join('\n')
    add(
      `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Rotate ${rotate} /Annots [${index === 0 ? annotations.join(' ') : ''}] /Contents ${5 + index * 2} 0 R /Resources << /Font << /F1 3 0 R /F2 << /Type /Font /Subtype /Type1 /BaseFont /Courier >> /F3 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica-Bold >> >> >> >>`,
    )
    add(`<< /Length ${content.length} >>\nstream\n${content}\nendstream`)
  }
  const info = title === undefined ? '' : ` /Info ${objects.length + 1} 0 R`
  if (title !== undefined) add(`<< /Title (${title}) /Author (Ann Lee) >>`)
  return written(objects, info)
}

function written(objects: readonly string[], info: string): Uint8Array {
  let file = '%PDF-1.4\n'
  const offsets = objects.map((body, index) => {
    const at = file.length
    file += `${index + 1} 0 obj\n${body}\nendobj\n`
    return at
  })
  const table = offsets.map((at) => `${String(at).padStart(10, '0')} 00000 n \n`).join('')
  const size = objects.length + 1
  const trailer = `trailer\n<< /Size ${size} /Root 1 0 R${info} >>\nstartxref\n${file.length}\n%%EOF\n`
  return Buffer.from(`${file}xref\n0 ${size}\n0000000000 65535 f \n${table}${trailer}`, 'latin1')
}

/** One page in a CJK font that the file names and does not hold; the text is UCS-2, as `encoding` says. */
export function cjkPdfOf(
  lines: readonly string[],
  { font, encoding, ordering }: { font: string; encoding: string; ordering: string },
): Uint8Array {
  const isVertical = encoding.endsWith('-V')
  const content = lines
    .map((line, row) => {
      const hex = Buffer.from(line, 'utf16le').swap16().toString('hex')
      const place = isVertical ? `${500 - row * 20} 700` : `72 ${700 - row * 16}`
      return `BT /F1 12 Tf 1 0 0 1 ${place} Tm <${hex}> Tj ET`
    })
    .join('\n')
  return written(
    [
      '<< /Type /Catalog /Pages 2 0 R >>',
      '<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
      '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>',
      `<< /Length ${content.length} >>\nstream\n${content}\nendstream`,
      `<< /Type /Font /Subtype /Type0 /BaseFont /${font} /Encoding /${encoding} /DescendantFonts [6 0 R] >>`,
      `<< /Type /Font /Subtype /CIDFontType0 /BaseFont /${font} /CIDSystemInfo << /Registry (Adobe) /Ordering (${ordering}) /Supplement 2 >> /DW 1000 /FontDescriptor 7 0 R >>`,
      `<< /Type /FontDescriptor /FontName /${font} /Flags 6 /FontBBox [0 -200 1000 900] /ItalicAngle 0 /Ascent 800 /Descent -200 /CapHeight 700 /StemV 80 >>`,
    ],
    '',
  )
}
