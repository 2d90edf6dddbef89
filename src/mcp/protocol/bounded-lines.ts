import { Transform } from 'node:stream'
import { Refusal, refusalBody } from '../../errors.ts'
import { isWithinBounds, requestBounds } from '../../sources/files/json-bounds.ts'
import { lineWithoutNulls } from './without-nulls.ts'

const newline = 10

/** Bytes of both ends of a line that is refused; clients write a request's id near one of them. */
const edge = 512

/**
 * Messages of MCP over stdio, a line each, with the bounds that bodies have over HTTP. What is too large or nests
 * too deep is answered with an error and not passed on; the connection goes on with the next line.
 */
export function boundedLines(bytesMax: number, answer: (line: string) => void): Transform {
  let held: Buffer[] = []
  let size = 0
  const take = (part: Buffer): void => {
    size += part.length
    held.push(part)
    if (size <= bytesMax) return
    const all = Buffer.concat(held)
    held = [Buffer.from(all.subarray(0, edge)), Buffer.from(all.subarray(-edge))]
  }
  const endLine = (lines: Transform): void => {
    const line = Buffer.concat(held).toString('utf8')
    if (size > bytesMax) answer(errorTo(line, new Refusal('BODY_TOO_LARGE', { max: bytesMax })))
    else if (isWithinBounds(line, requestBounds)) lines.push(`${lineWithoutNulls(line)}\n`)
    else answer(errorTo(line, new Refusal('BODY_TOO_COMPLEX', requestBounds)))
    held = []
    size = 0
  }
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      let start = 0
      for (let end = chunk.indexOf(newline); end >= 0; end = chunk.indexOf(newline, start)) {
        take(chunk.subarray(start, end))
        endLine(this)
        start = end + 1
      }
      take(chunk.subarray(start))
      done()
    },
  })
}

/** JSON-RPC's "invalid request", with the refusal as its data. */
function errorTo(line: string, refusal: Refusal): string {
  const message = `${refusal.message} ${refusal.hint}`
  const error = { code: -32_600, message, data: refusalBody(refusal) }
  return `${JSON.stringify({ jsonrpc: '2.0', id: idIn(line), error })}\n`
}

/** The id of a request that is not parsed, so that its client knows which one was refused. */
function idIn(line: string): string | number | null {
  const found =
    /^\{(?:"(?:jsonrpc|method)":"[^"\\]*",)*"id":(\d{1,15}|"[\w-]{1,100}")[,}]/.exec(
      line.slice(0, edge),
    ) ?? /"id":(\d{1,15}|"[\w-]{1,100}")\}\s*$/.exec(line.slice(-edge))
  return found?.[1] === undefined ? null : (JSON.parse(found[1]) as string | number)
}
