import ipaddr from 'ipaddr.js'

/**
 * What clouds answer at inside of their networks, to each machine and without a password, under addresses
 * that no registry marks as special. Their other ones are link-local, shared or unique local already.
 */
const cloudServices = [
  // Azure: machine configuration, DNS, health.
  '168.63.129.16/32',
  // Google: its interfaces as seen from private networks, restricted and private.
  '199.36.153.4/30',
  '199.36.153.8/30',
  '2600:2d00:2:1000::/64',
  '2600:2d00:2:2000::/64',
  // IBM: DNS, time, package mirrors; service endpoints.
  '161.26.0.0/16',
  '166.8.0.0/14',
].map((block) => ipaddr.parseCIDR(block))

/**
 * Whether an address as the resolver gave it may be dialled. Addresses that carry another one inside
 * (v4-mapped, v4-compatible, NAT64, 6to4, Teredo) are never public: what they reach is decided by a
 * translator we cannot see.
 */
export function isPublicAddress(address: string): boolean {
  const bare = address.split('%')[0] ?? ''
  if (!ipaddr.isValid(bare)) return false
  const parsed = ipaddr.parse(bare)
  if (parsed.range() !== 'unicast') return false
  if (cloudServices.some(([block, bits]) => isWithin(parsed, block, bits))) return false
  // Only 2000::/3 is handed out; `unicast` of ipaddr.js means "no special range known", ::/96 included.
  return parsed.kind() === 'ipv4' || ((parsed.toByteArray()[0] ?? 0) & 0xe0) === 0x20
}

const isWithin = (
  address: ipaddr.IPv4 | ipaddr.IPv6,
  block: ipaddr.IPv4 | ipaddr.IPv6,
  bits: number,
): boolean => address.kind() === block.kind() && address.match(block, bits)
