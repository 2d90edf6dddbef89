import { isIPv4, isIPv6 } from 'node:net'

/**
 * The network of an address: three parts of four, or the first 48 of 128 bits. It tells who floods, and it
 * may be kept for ever, which the address of a person may not.
 */
export function networkOf(address: string): string {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, '')
  if (isIPv4(plain)) return plain.replace(/\.\d+$/, '.0/24')
  if (!isIPv6(plain)) return 'unknown'
  const [before = '', after] = plain.split('%')[0]?.split('::') ?? []
  const head = before ? before.split(':') : []
  const tail = after ? after.split(':') : []
  const zeros = after === undefined ? 0 : 8 - head.length - tail.length
  const groups = [...head, ...Array.from({ length: zeros }, () => '0'), ...tail].slice(0, 3)
  return `${groups.map((group) => Number.parseInt(group, 16).toString(16)).join(':')}::/48`
}
