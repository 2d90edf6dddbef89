import { visibleText } from '../../visible-text.ts'

/** Markdown as it is kept: visible, LF, one end. */
export const cleanMarkdown = (markdown: string): string => `${visibleText(markdown).trim()}\n`
