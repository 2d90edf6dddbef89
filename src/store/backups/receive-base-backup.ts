import { randomUUID } from 'node:crypto'
import type { PassThrough, Readable } from 'node:stream'
import pg from 'pg'
import { type Lsn, parseLsn } from './lsn.ts'

/** What the server says of the backup it has sent. */
export interface SentBackup {
  timeline: number
  startLsn: Lsn
  stopLsn: Lsn
  /** The list of its files with their checksums, as the server wrote it. */
  manifest: Buffer
}

/** With the log that makes the copy consistent, so that each backup can be restored by itself. */
const command = `BASE_BACKUP (LABEL 'nova', CHECKPOINT 'fast', WAL, WAIT false,
  MANIFEST 'yes', MANIFEST_CHECKSUMS 'SHA256')`

/**
 * Asks for a base backup over the replication protocol. `tar` gets the data folder as it comes, and the
 * server waits while `tar` is full. Throws what the server answered or what broke the connection.
 */
export async function receiveBaseBackup(
  client: pg.Client,
  tar: PassThrough,
  onBytes: (done: number) => void = () => {},
): Promise<SentBackup> {
  const { stream } = client.connection as unknown as { stream: Readable }
  const resume = () => stream.resume()
  tar.on('drain', resume)
  const manifest: Buffer[] = []
  let isManifest = false
  let done = 0
  const takePart = ({ chunk }: { chunk: Buffer }) => {
    const kind = String.fromCharCode(chunk[0] ?? 0)
    if (kind === 'm') isManifest = true
    if (kind !== 'd' || tar.destroyed) return
    // Copied, since the client fills the buffer below again.
    const part = Buffer.from(chunk.subarray(1))
    if (isManifest) manifest.push(part)
    else {
      done += part.length
      onBytes(done)
      if (!tar.write(part)) stream.pause()
    }
  }
  try {
    // While the data is sent, a busy server would remove the log of its beginning. Ends with the connection.
    const slot = `nova_backup_${randomUUID().replaceAll('-', '')}`
    await client.query(`CREATE_REPLICATION_SLOT ${slot} TEMPORARY PHYSICAL (RESERVE_WAL)`)
    const [start, , stop] = await copyOut(client, tar, takePart)
    const [startLsn, stopLsn] = [start, stop].map((result) => parseLsn(result?.rows[0]?.[0] ?? ''))
    const timeline = Number(stop?.rows[0]?.[1])
    if (startLsn === undefined || stopLsn === undefined || !(timeline > 0)) {
      throw new Error('the server did not say where its backup begins and ends')
    }
    tar.end()
    return { timeline, startLsn, stopLsn, manifest: Buffer.concat(manifest) }
  } catch (error) {
    // The server would send the rest first, to a reader that is gone.
    stream.destroy()
    throw error
  } finally {
    tar.off('drain', resume)
  }
}

type TextRows = { rows: string[][] }

/** pg takes the copied bytes of no statement, but calls what a statement has for them. */
function copyOut(
  client: pg.Client,
  tar: PassThrough,
  handleCopyData: (message: { chunk: Buffer }) => void,
): Promise<TextRows[]> {
  return new Promise((resolve, reject) => {
    const answer = (error: Error | undefined, results: unknown) =>
      error ? reject(error) : resolve(results as TextRows[])
    const config = { text: command, rowMode: 'array' as const }
    const query = Object.assign(new pg.Query(config, answer), { handleCopyData })
    client.once('error', reject)
    client.once('end', () => reject(new Error('the server closed the connection')))
    tar.once('error', reject)
    client.query(query)
  })
}
