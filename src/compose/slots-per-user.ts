import type { Config } from '../config.ts'

/** Slots of a process that operations of one user may hold at the same time. */
export function slotsPerUser(
  config: Pick<
    Config,
    'NOVA_OPERATION_SLOTS' | 'NOVA_SLOTS_PER_USER' | 'NOVA_AUTH_ISSUER' | 'DESCOPE_PROJECT_ID'
  >,
): number {
  const slots = config.NOVA_OPERATION_SLOTS
  const usual =
    (config.NOVA_AUTH_ISSUER ?? config.DESCOPE_PROJECT_ID) ? Math.ceil(slots / 2) : slots
  return Math.min(config.NOVA_SLOTS_PER_USER ?? usual, slots)
}
