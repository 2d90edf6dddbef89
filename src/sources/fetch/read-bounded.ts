import { SourceFailure } from '../source-failure.ts'

/** Reads a body of at most this many bytes, counted after decompression, so a bomb costs one limit. */
export async function readBounded(
  body: ReadableStream<Uint8Array> | null,
  maxBytes: number,
  whenLarger: 'refuse' | 'cut' = 'refuse',
): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = []
  let size = 0
  if (body) {
    const reader = body.getReader()
    for (;;) {
      const { done, value } = await reader.read()
      if (done) break
      chunks.push(value)
      size += value.byteLength
      if (size <= maxBytes) continue
      await reader.cancel().catch(() => undefined)
      if (whenLarger === 'refuse') throw tooLarge(maxBytes)
      break
    }
  }
  const bytes = new Uint8Array(Math.min(size, maxBytes))
  let offset = 0
  for (const chunk of chunks) {
    bytes.set(chunk.subarray(0, bytes.byteLength - offset), offset)
    offset += chunk.byteLength
  }
  return bytes
}

/** The same limit on a body that is passed on while it arrives. `onEnd` runs once, however it ends. */
export function boundedStream(
  body: ReadableStream<Uint8Array> | null,
  maxBytes: number,
  onEnd: () => void,
  explain: (error: unknown) => unknown,
): ReadableStream<Uint8Array> {
  const reader = body?.getReader()
  let size = 0
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const next = await reader?.read()
        if (!next || next.done) {
          onEnd()
          return controller.close()
        }
        size += next.value.byteLength
        if (size > maxBytes) throw tooLarge(maxBytes)
        controller.enqueue(next.value)
      } catch (error) {
        onEnd()
        await reader?.cancel().catch(() => undefined)
        controller.error(explain(error))
      }
    },
    async cancel() {
      onEnd()
      await reader?.cancel().catch(() => undefined)
    },
  })
}

/** The refusal of an answer above the limit, worded in megabytes. */
export const tooLarge = (maxBytes: number): SourceFailure =>
  new SourceFailure('TOO_LARGE', `more than ${Math.ceil(maxBytes / 1e6)} MB`)
