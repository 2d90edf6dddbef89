import { createHash, type KeyObject, sign, verify } from 'node:crypto'
import { z } from 'zod'
import { Refusal } from '../../errors.ts'

const hash = z.string().regex(/^[0-9a-f]{64}$/)

const takenLine = z.strictObject({
  nova_heads: z.literal(1),
  database: z.strictObject({ name: z.string(), system: z.string() }),
  /** Every event up to here was committed when the heads were read. */
  position: z.number().int().min(0),
  taken_at: z.iso.datetime(),
})

const headLine = z.strictObject({
  user_id: z.string().min(1),
  stream_id: z.string().min(1),
  version: z.number().int().min(1),
  hash,
})

const endLine = z.strictObject({
  streams: z.number().int().min(0),
  sha256: hash,
  /** Base64 of SPKI and of Ed25519. */
  public_key: z.base64(),
  signature: z.base64(),
})

/** From which database heads were read, and when. */
export type HeadsTaken = z.infer<typeof takenLine>
/** Where a stream's chain ended. */
export type StreamHead = z.infer<typeof headLine>

/** A public key as files and people pass it on: base64 of its SPKI form. */
export const publicKeyText = (key: KeyObject): string =>
  key.export({ type: 'spki', format: 'der' }).toString('base64')

/** What the signature covers: the SHA-256 of all lines before the last, each with its line end. */
const signedText = (sha256: string): Buffer => Buffer.from(`nova-heads:${sha256}`)

/** The lines of a heads file; the last one signs the others. In constant memory. */
export async function* signedHeads(
  taken: HeadsTaken,
  heads: AsyncIterable<StreamHead>,
  keys: { privateKey: KeyObject; publicKey: KeyObject },
): AsyncGenerator<string> {
  const digest = createHash('sha256')
  const covered = (value: object) => {
    const line = JSON.stringify(value)
    digest.update(`${line}\n`)
    return line
  }
  yield covered(taken)
  let streams = 0
  for await (const head of heads) {
    streams += 1
    yield covered(head)
  }
  const sha256 = digest.digest('hex')
  yield JSON.stringify({
    streams,
    sha256,
    public_key: publicKeyText(keys.publicKey),
    signature: sign(null, signedText(sha256), keys.privateKey).toString('base64'),
  })
}

const headsPerPage = 1000

/**
 * Reads a heads file through, a page of heads at a time, and checks at its end that one of the trusted keys
 * signed it: until then nothing of it is to be believed. Throws Refusal HEADS_INVALID.
 */
export async function readHeads(
  path: string,
  lines: AsyncIterable<string>,
  trusted: readonly KeyObject[],
  onHeads: (heads: StreamHead[]) => Promise<void>,
): Promise<HeadsTaken> {
  const refuse = (problem: string) => new Refusal('HEADS_INVALID', { path, problem })
  const digest = createHash('sha256')
  let taken: HeadsTaken | undefined
  let end: z.infer<typeof endLine> | undefined
  let streams = 0
  let page: StreamHead[] = []
  for await (const line of lines) {
    const parsed = parsedLine(line)
    const isTaken = parsed !== null && 'nova_heads' in parsed
    if (!parsed || end || isTaken !== (taken === undefined))
      throw refuse('it is no whole heads file')
    if ('signature' in parsed) {
      end = parsed
      continue
    }
    digest.update(`${line}\n`)
    if ('nova_heads' in parsed) {
      taken = parsed
      continue
    }
    streams += 1
    page.push(parsed)
    if (page.length < headsPerPage) continue
    await onHeads(page)
    page = []
  }
  if (!taken || !end || end.streams !== streams) throw refuse('it is no whole heads file')
  await onHeads(page)
  const sha256 = digest.digest('hex')
  if (sha256 !== end.sha256) throw refuse('it was changed after it was signed')
  const { public_key: named, signature } = end
  const signed = Buffer.from(signature, 'base64')
  if (!trusted.some((key) => verify(null, signedText(sha256), key, signed))) {
    throw refuse(`it was signed by the key ${named}, which is not trusted here`)
  }
  return taken
}

const anyLine = z.union([headLine, takenLine, endLine])

function parsedLine(line: string): z.infer<typeof anyLine> | null {
  try {
    return anyLine.parse(JSON.parse(line))
  } catch {
    return null
  }
}
