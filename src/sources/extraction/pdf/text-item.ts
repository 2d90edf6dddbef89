/** A run of text as a PDF places it; the origin is the lower left corner, units are points. */
export interface TextItem {
  text: string
  x: number
  y: number
  width: number
  size: number
  /** In a typeface whose characters are all of one width, as code is set. */
  isMono: boolean
  isBold: boolean
}

/** A stretch of a line with white space around it that is too wide for a space between words. */
export interface LineCell {
  text: string
  x: number
  end: number
}

/** What stands on one line of one column. */
export interface TextLine {
  text: string
  page: number
  x: number
  y: number
  size: number
  /** Left edge of the column the line belongs to, to tell an indented first line. */
  left: number
  width: number
  isMono: boolean
  isBold: boolean
  /** Runs another way than the page, so that its size and place say nothing of what it is. */
  isTurned?: boolean
  cells: LineCell[]
}
