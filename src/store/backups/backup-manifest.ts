import { createHash } from 'node:crypto'
import { z } from 'zod'

/** One file of a backup, as the server that sent it says. */
export interface ListedFile {
  size: number
  sha256: string
}

const manifest = z.object({
  'PostgreSQL-Backup-Manifest-Version': z.number(),
  Files: z.array(
    z.object({
      Path: z.string().optional(),
      /** Hexadecimal, for names that are not UTF-8. */
      'Encoded-Path': z.string().optional(),
      Size: z.number().int(),
      'Checksum-Algorithm': z.literal('SHA256'),
      Checksum: z.string(),
    }),
  ),
})

const lastLine = '"Manifest-Checksum"'

/** The files that a manifest lists, by path; undefined when it is not as the server wrote it. */
export function readManifest(bytes: Buffer): Map<string, ListedFile> | undefined {
  const end = bytes.lastIndexOf(lastLine)
  const [, stated] = /"Manifest-Checksum": "([0-9a-f]{64})"/.exec(bytes.toString('utf8', end)) ?? []
  const sum = createHash('sha256').update(bytes.subarray(0, end)).digest('hex')
  if (end < 0 || stated !== sum) return undefined
  const parsed = manifest.safeParse(JSON.parse(bytes.toString('utf8')))
  if (!parsed.success) return undefined
  return new Map(
    parsed.data.Files.map((file) => [
      file.Path ?? Buffer.from(file['Encoded-Path'] ?? '', 'hex').toString('utf8'),
      { size: file.Size, sha256: file.Checksum },
    ]),
  )
}
