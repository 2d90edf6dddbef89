import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib'

/** The files of the log in a folder of backups, in order. */
export const walFiles = (backups: string): string[] =>
  readdirSync(join(backups, 'wal'))
    .filter((name) => /^[0-9A-F]{24}$/.test(name))
    .toSorted()

/** The only backup of a folder. */
export function onlyBackup(backups: string): string {
  const [id, ...more] = readdirSync(join(backups, 'base'))
  if (!id || more.length > 0) throw new Error(`one backup was expected: ${[id, ...more]}`)
  return join(backups, 'base', id)
}

/** Changes a file, and gives what takes the change back. */
export function change(file: string, bytes: (before: Buffer) => Buffer): () => void {
  const before = readFileSync(file)
  writeFileSync(file, bytes(Buffer.from(before)))
  return () => writeFileSync(file, before)
}

/** Turns one bit of a table's file within a backup, which PostgreSQL would restore without a word. */
export function spoilDataFile(backup: string): () => void {
  return change(join(backup, 'base.tar.zst'), (packed) => {
    const tar = zstdDecompressSync(packed)
    for (let at = 0; at < tar.length; ) {
      const name = tar.toString('utf8', at, at + 100).replace(/\0.*$/s, '')
      const size = Number.parseInt(tar.toString('utf8', at + 124, at + 135), 8) || 0
      if (/^base\/\d+\/\d+$/.test(name) && size >= 8192) {
        tar[at + 512 + 8000] = (tar[at + 512 + 8000] ?? 0) ^ 1
        return zstdCompressSync(tar)
      }
      at += 512 + Math.ceil(size / 512) * 512
    }
    throw new Error('the backup has no file of a table')
  })
}

/** Changes what a JSON file says. */
export const changeJson = (file: string, fields: object): (() => void) =>
  change(file, (before) =>
    Buffer.from(JSON.stringify({ ...JSON.parse(before.toString()), ...fields })),
  )

/** Whether a folder holds nothing. */
export const isEmpty = (folder: string): boolean =>
  !existsSync(folder) || readdirSync(folder).length === 0
