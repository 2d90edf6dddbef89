import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { Refusal } from '../../errors.ts'
import { normaliseFileName } from '../../sources/files/file-name.ts'
import { readGuideline } from '../../sources/guideline/guideline-text.ts'

export interface InputFile {
  name: string
  bytes: Uint8Array
}

export interface Guideline extends InputFile {
  /** The hash of its text, as the server keeps it; it finds the article of this guideline again. */
  sha256: string
}

/** Reads the guideline and checks it as the server will. Throws INPUT_FILE_UNREADABLE, GUIDELINE_… */
export async function readGuidelineFile(path: string): Promise<Guideline> {
  const bytes = await readInput(path)
  const sha256 = createHash('sha256').update(readGuideline(bytes), 'utf8').digest('hex')
  return { name: basename(path), bytes, sha256 }
}

/** Deep enough for `data/raw/x.csv`, and bounded should the guideline lie in a home folder. */
const depthMax = 3
const entriesMax = 5000
const passedOver = new Set(['node_modules', '__pycache__', 'dist', 'build'])

/**
 * The files that a guideline names, found beside it or in folders below it, and the names of those that
 * are not there. Folders that begin with a dot are not looked into.
 */
export async function findLocalFiles(
  guidelinePath: string,
  names: readonly string[],
): Promise<{ files: InputFile[]; missing: string[] }> {
  if (names.length === 0) return { files: [], missing: [] }
  const paths = await pathsByName(dirname(guidelinePath))
  const files: InputFile[] = []
  const missing: string[] = []
  for (const name of names) {
    const path = paths.get(name)
    if (path) files.push({ name, bytes: await readInput(path) })
    else missing.push(name)
  }
  return { files, missing }
}

/** Paths by their normalised base name, nearest to the folder first. */
async function pathsByName(folder: string): Promise<Map<string, string>> {
  const found = new Map<string, string>()
  let level = [folder]
  let entries = 0
  for (let depth = 0; depth <= depthMax && level.length > 0; depth += 1) {
    const below: string[] = []
    for (const current of level) {
      const listed = await readdir(current, { withFileTypes: true }).catch(() => [])
      entries += listed.length
      if (entries > entriesMax) return found
      for (const entry of listed) {
        const path = join(current, entry.name)
        if (entry.isDirectory() && isSearched(entry.name)) below.push(path)
        if (entry.isFile()) keepFirst(found, entry.name, path)
      }
    }
    level = below
  }
  return found
}

const isSearched = (name: string): boolean => !name.startsWith('.') && !passedOver.has(name)

function keepFirst(found: Map<string, string>, name: string, path: string): void {
  try {
    const normalised = normaliseFileName(name)
    if (!found.has(normalised)) found.set(normalised, path)
  } catch {
    // A name the server would refuse cannot be one that it asked for.
  }
}

async function readInput(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path)
  } catch (cause) {
    throw new Refusal('INPUT_FILE_UNREADABLE', { path }, { cause })
  }
}
