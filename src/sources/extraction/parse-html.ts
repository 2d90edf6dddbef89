import type { Root } from 'hast'
import { fromParse5 } from 'hast-util-from-parse5'
import { parse, parseFragment } from 'parse5'

// No script will run: what stands there for that case is read like the rest.
const asRead = { scriptingEnabled: false }

/** A page as a browser would read it, however broken. */
export const parsePage = (html: string): Root => fromParse5(parse(html, asRead)) as Root

/** A piece of one. Without positions in the source, which cost a quarter of the time and nobody asks for. */
export const parsePiece = (html: string): Root => fromParse5(parseFragment(html, asRead)) as Root
