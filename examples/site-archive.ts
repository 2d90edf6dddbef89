import { readdir, readFile } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { packTar, type TarEntry } from 'modern-tar'

const owner = 'ledgerline'
const repository = 'event-journal'
const commit = '8f14e45fceea167a5a36dedd4bea2543c5d1f0a7'

/** A pax record: its own length, its key and its value. */
const comment = `52 comment=${commit}\n`

/**
 * The repository as the Git host serves it: one folder named after the commit, which also stands in the
 * archive's comment. The binary file is made here, so that the tree holds only text.
 */
export async function repositoryArchive(): Promise<{ path: string; bytes: Uint8Array }> {
  const root = join(import.meta.dirname, 'site', 'repository')
  const found = await readdir(root, { recursive: true, withFileTypes: true })
  const files = await Promise.all(
    found
      .filter((entry) => entry.isFile())
      .map(async (entry) => {
        const path = join(entry.parentPath, entry.name)
        return { name: relative(root, path).split(sep).join('/'), body: await readFile(path) }
      }),
  )
  files.push({ name: 'docs/architecture.png', body: Buffer.from(pngHeader) })
  files.sort((a, b) => (a.name < b.name ? -1 : 1))
  const entries: TarEntry[] = [
    { header: { name: 'pax_global_header', type: 'pax-global-header', size: 52 }, body: comment },
    ...files.map(({ name, body }) => ({
      header: { name: `${repository}-${commit}/${name}`, size: body.byteLength, mode: 0o644 },
      body,
    })),
  ]
  const bytes = await promisify(gzip)(await packTar(entries))
  return { path: `/${owner}/${repository}/tar.gz/HEAD`, bytes }
}

const pngHeader = [
  0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 0x0d, 0x49, 0x48, 0x44, 0x52,
]
