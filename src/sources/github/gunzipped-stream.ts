/**
 * The unpacked bytes of a gzip stream, errored beyond `maxBytes`, so a bomb costs one limit. A stream that
 * does not begin like gzip is passed on: some servers unpack on the way (Content-Encoding).
 */
export function gunzippedStream(
  packed: ReadableStream<Uint8Array>,
  maxBytes: number,
): { stream: ReadableStream<Uint8Array>; isOverLimit: () => boolean } {
  let size = 0
  const limited = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      size += chunk.byteLength
      if (size > maxBytes) throw new Error(`more than ${maxBytes} bytes unpacked`)
      controller.enqueue(chunk)
    },
  })
  return {
    stream: unpackedIfGzip(packed).pipeThrough(limited),
    isOverLimit: () => size > maxBytes,
  }
}

function unpackedIfGzip(packed: ReadableStream<Uint8Array>): ReadableStream<Uint8Array> {
  const source = packed.getReader()
  let unpacked: ReadableStreamDefaultReader<Uint8Array> | undefined
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      unpacked ??= await startUnpacking(source)
      const { done, value } = await unpacked.read()
      if (done) controller.close()
      else controller.enqueue(value)
    },
    cancel: (reason) => (unpacked ?? source).cancel(reason),
  })
}

async function startUnpacking(
  source: ReadableStreamDefaultReader<Uint8Array>,
): Promise<ReadableStreamDefaultReader<Uint8Array>> {
  const first = await source.read()
  const again = new ReadableStream<Uint8Array<ArrayBuffer>>({
    start(controller) {
      if (first.done) controller.close()
      else controller.enqueue(new Uint8Array(first.value))
    },
    async pull(controller) {
      const { done, value } = await source.read()
      if (done) controller.close()
      else controller.enqueue(new Uint8Array(value))
    },
    cancel: (reason) => source.cancel(reason),
  })
  const isGzip = first.value?.[0] === 0x1f && first.value[1] === 0x8b
  return (isGzip ? again.pipeThrough(new DecompressionStream('gzip')) : again).getReader()
}
