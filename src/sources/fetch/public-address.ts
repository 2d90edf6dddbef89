import ipaddr from 'ipaddr.js'

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
  // Only 2000::/3 is handed out; `unicast` of ipaddr.js means "no special range known", ::/96 included.
  return parsed.kind() === 'ipv4' || ((parsed.toByteArray()[0] ?? 0) & 0xe0) === 0x20
}
