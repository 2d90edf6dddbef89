import { createReadStream, createWriteStream } from 'node:fs'
import { open, rename } from 'node:fs/promises'
import { dirname } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip, createGzip } from 'node:zlib'
import { Refusal } from '../../errors.ts'

/** The lines of a file, of a compressed one (`.gz`), or of stdin (`-`). Throws INPUT_FILE_UNREADABLE. */
export async function* linesOf(path: string): AsyncGenerator<string> {
  const text = textOf(path)
  // A line may have megabytes: its pieces are joined once.
  let pieces: string[] = []
  try {
    for await (const chunk of text as AsyncIterable<string>) {
      let from = 0
      for (let end = chunk.indexOf('\n'); end >= 0; end = chunk.indexOf('\n', from)) {
        pieces.push(chunk.slice(from, end))
        yield pieces.join('')
        pieces = []
        from = end + 1
      }
      pieces.push(chunk.slice(from))
    }
    const last = pieces.join('')
    if (last !== '') yield last
  } catch (cause) {
    throw new Refusal('INPUT_FILE_UNREADABLE', { path }, { cause })
  }
}

function textOf(path: string): Readable {
  const input: Readable = path === '-' ? process.stdin : createReadStream(path)
  if (!path.endsWith('.gz')) return input.setEncoding('utf8')
  const text = createGunzip().setEncoding('utf8')
  input.once('error', (error) => text.destroy(error))
  return input.pipe(text)
}

/**
 * Writes lines to stdout (`-`) or to a file, which has its name only once it is whole and on disk.
 * Compressed when its name ends in `.gz`. Throws OUTPUT_FILE_UNWRITABLE.
 */
export async function writeLines(path: string, lines: AsyncIterable<string>): Promise<void> {
  const text = Readable.from(ended(lines))
  if (path === '-') {
    await pipeline(text, process.stdout, { end: false })
    return
  }
  const part = `${path}.part`
  try {
    const file = createWriteStream(part, { mode: 0o600 })
    await (path.endsWith('.gz') ? pipeline(text, createGzip(), file) : pipeline(text, file))
    await sync(part)
    await rename(part, path)
    await sync(dirname(path))
  } catch (cause) {
    const isFile = cause instanceof Error && 'syscall' in cause && 'path' in cause
    if (isFile) throw new Refusal('OUTPUT_FILE_UNWRITABLE', { path }, { cause })
    throw cause
  }
}

async function sync(path: string): Promise<void> {
  const handle = await open(path, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

async function* ended(lines: AsyncIterable<string>): AsyncGenerator<string> {
  for await (const line of lines) yield `${line}\n`
}
