/** A position in PostgreSQL's write-ahead log, in bytes since its beginning. */
export type Lsn = bigint

const low = 32n

/** Reads PostgreSQL's form, `0/16B3748`; undefined when it is none. */
export function parseLsn(text: string): Lsn | undefined {
  const [, high, rest] = /^([0-9a-f]{1,8})\/([0-9a-f]{1,8})$/i.exec(text) ?? []
  return high && rest ? (BigInt(`0x${high}`) << low) | BigInt(`0x${rest}`) : undefined
}

/** PostgreSQL's form of a position. */
export const formatLsn = (lsn: Lsn): string =>
  `${(lsn >> low).toString(16)}/${(lsn & 0xffffffffn).toString(16)}`.toUpperCase()

/** The log is kept in files of one size, the segments; this one holds the position. */
export const segmentOf = (lsn: Lsn, segmentBytes: number): bigint => lsn / BigInt(segmentBytes)

/** The name of a segment's file: timeline, then its number in two halves of eight digits. */
export function segmentName(timeline: number, segment: bigint, segmentBytes: number): string {
  const perHigh = 0x1_0000_0000n / BigInt(segmentBytes)
  const parts = [BigInt(timeline), segment / perHigh, segment % perHigh]
  return parts.map((part) => part.toString(16).toUpperCase().padStart(8, '0')).join('')
}

/** The timeline and number that a segment's file name gives; undefined for any other file. */
export function parseSegmentName(
  name: string,
  segmentBytes: number,
): { timeline: number; segment: bigint } | undefined {
  const [, timeline, high, rest] = /^([0-9A-F]{8})([0-9A-F]{8})([0-9A-F]{8})$/.exec(name) ?? []
  if (!timeline || !high || !rest) return undefined
  const perHigh = 0x1_0000_0000n / BigInt(segmentBytes)
  const segment = BigInt(`0x${high}`) * perHigh + BigInt(`0x${rest}`)
  return { timeline: Number.parseInt(timeline, 16), segment }
}
