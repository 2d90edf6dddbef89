import { setImmediate } from 'node:timers/promises'

/** How long other work waits for one slice, in milliseconds. */
const sliceMs = 20

/** All parts as one text; other work has its turn in between, since a large document takes seconds to make. */
export async function joinedInSlices(parts: Iterable<string>): Promise<string> {
  const made: string[] = []
  let began = performance.now()
  for (const part of parts) {
    made.push(part)
    if (performance.now() - began < sliceMs) continue
    await setImmediate()
    began = performance.now()
  }
  return made.join('')
}
