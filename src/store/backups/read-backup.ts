import { createHash } from 'node:crypto'
import { chownSync, createReadStream, mkdirSync, readFileSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { join, normalize } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { createZstdDecompress } from 'node:zlib'
import { createTarDecoder, type ParsedTarEntry } from 'modern-tar'
import { Refusal } from '../../errors.ts'
import { isErrorCode } from '../database/error-code.ts'
import { systemProblem } from '../database/system-problem.ts'
import { dataFileOf, manifestOf } from './backup-folder.ts'
import { readManifest } from './backup-manifest.ts'

export interface ReadOptions {
  /** Where the files go; without it they are only checked. */
  into?: { folder: string; ids: { uid: number; gid: number } | undefined }
  /** Bytes of the data folder that were read. */
  onBytes?: (done: number) => void
  signal?: AbortSignal
}

/**
 * Reads a stored backup to its end and holds each file against the server's own list, so that what is
 * stored is what was sent. Throws Refusal BACKUP_DAMAGED, which names the file.
 */
export async function readBackup(
  backup: { path: string },
  options: ReadOptions = {},
): Promise<{ bytes: number }> {
  const listed = readManifest(readStored(manifestOf(backup)))
  if (!listed) throw damaged(manifestOf(backup), 'it is not as the server wrote it')
  let bytes = 0
  const missing = new Set(listed.keys())
  for await (const entry of entriesOf(dataFileOf(backup))) {
    options.signal?.throwIfAborted()
    const { name, type = 'file' } = entry.header
    const path = safePath(name)
    if (path === undefined)
      throw damaged(dataFileOf(backup), 'a name in it leads out of its folder')
    if (type === 'directory') {
      await drain(entry.body)
      makeFolder(path, options)
      continue
    }
    const file = type === 'file' ? await keep(entry, path, options) : undefined
    if (!file) throw damaged(dataFileOf(backup), `${path} is neither file nor folder`)
    bytes += file.size
    options.onBytes?.(bytes)
    const stated = listed.get(path)
    // The log proves itself, record by record, when it is replayed.
    if (!stated && path.startsWith('pg_wal/')) continue
    if (!stated) throw damaged(path, 'the list of the backup does not name it')
    if (stated.size !== file.size || stated.sha256 !== file.sha256) {
      throw damaged(path, 'its bytes are not those that the server sent')
    }
    missing.delete(path)
  }
  const [gone] = missing
  if (gone !== undefined) throw damaged(gone, 'it is listed and not there')
  return { bytes }
}

async function* entriesOf(file: string): AsyncGenerator<ParsedTarEntry> {
  const decoder = createTarDecoder({ strict: true })
  const feeding = feed(file, decoder.writable)
  // Its failure reaches the reader below, who says it.
  feeding.catch(() => {})
  try {
    for await (const entry of decoder.readable) yield entry
    await feeding
  } catch (error) {
    if (error instanceof Refusal || systemProblem(error)) throw error
    throw damaged(file, 'it cannot be unpacked', error)
  }
}

/** A reader that leaves before the end makes the next write fail, which ends this as well. */
async function feed(file: string, into: WritableStream<Uint8Array>): Promise<void> {
  const writer = into.getWriter()
  const unpacked = createZstdDecompress()
  const reading = pipeline(createReadStream(file), unpacked)
  reading.catch(() => {})
  try {
    for await (const chunk of unpacked as AsyncIterable<Buffer>) await writer.write(chunk)
    await reading
    await writer.close()
  } catch (error) {
    await writer.abort(error).catch(() => {})
    throw error
  } finally {
    unpacked.destroy()
  }
}

/** Writes and hashes one file. */
async function keep(
  { header, body }: ParsedTarEntry,
  path: string,
  { into, signal }: ReadOptions,
): Promise<{ size: number; sha256: string }> {
  const hash = createHash('sha256')
  let size = 0
  const file = into && (await open(join(into.folder, path), 'w', header.mode ?? 0o600))
  try {
    for await (const chunk of body) {
      signal?.throwIfAborted()
      hash.update(chunk)
      size += chunk.length
      await file?.writeFile(chunk)
    }
    if (into?.ids) await file?.chown(into.ids.uid, into.ids.gid)
  } finally {
    await file?.close()
  }
  return { size, sha256: hash.digest('hex') }
}

function makeFolder(path: string, { into }: ReadOptions): void {
  if (!into) return
  const folder = join(into.folder, path)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  if (into.ids) chownSync(folder, into.ids.uid, into.ids.gid)
}

async function drain(body: ReadableStream<Uint8Array>): Promise<void> {
  for await (const _ of body);
}

/** Undefined for what would be written outside of the folder. */
function safePath(name: string): string | undefined {
  const path = normalize(name).replace(/^\.\//, '').replace(/\/$/, '')
  return path.startsWith('/') || path.split('/').includes('..') ? undefined : path
}

function readStored(file: string): Buffer {
  try {
    return readFileSync(file)
  } catch (error) {
    if (isErrorCode(error, 'ENOENT')) throw damaged(file, 'it is gone', error)
    throw error
  }
}

const damaged = (path: string, problem: string, cause?: unknown) =>
  new Refusal('BACKUP_DAMAGED', { path, problem }, { cause })
