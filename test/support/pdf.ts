/** Text at a place of a page; the origin is the lower left corner of 612 × 792 points. */
export interface Placed {
  text: string
  x: number
  y: number
  size?: number
  /** Set in Courier, as code is. */
  isMono?: boolean
  isBold?: boolean
}

/** A PDF of pages of placed text in Helvetica, written by hand so that a test can say exactly what is where. */
export function pdfOf(pages: readonly (readonly Placed[])[], title?: string): Uint8Array {
  const objects: string[] = []
  const add = (body: string) => objects.push(body)
  const kids = pages.map((_, index) => `${4 + index * 2} 0 R`).join(' ')
  add('<< /Type /Catalog /Pages 2 0 R >>')
  add(`<< /Type /Pages /Kids [${kids}] /Count ${pages.length} >>`)
  add('<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>')
  for (const [index, page] of pages.entries()) {
    const content = page
      .map(({ text, x, y, size = 10, isMono, isBold }) => {
        const escaped = text.replace(/[\\()]/g, '\\$&')
        const font = isMono ? 'F2' : isBold ? 'F3' : 'F1'
        return `BT /${font} ${size} Tf 1 0 0 1 ${x} ${y} Tm (${escaped}) Tj ET`
      })
      .join('\n')
    add(
      `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents ${5 + index * 2} 0 R /Resources << /Font << /F1 3 0 R /F2 << /Type /Font /Subtype /Type1 /BaseFont /Courier >> /F3 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica-Bold >> >> >> >>`,
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
