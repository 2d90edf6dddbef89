import type { ContentRef } from '../../events/define-event.ts'

/** Bodies by hash, per user; the hash is computed here and never taken from a caller. */
export interface Contents {
  /** Throws STORAGE_FULL when the user may keep no more. */
  put(userId: string, bytes: Uint8Array | string, mediaType: string): Promise<ContentRef>
  /** Throws when absent: an event that names a body is proof that it was stored. */
  get(userId: string, sha256: string): Promise<Uint8Array>
  text(userId: string, sha256: string): Promise<string>
  /** What the user keeps, and may keep at most (0 = any number). */
  kept(userId: string): Promise<{ bytes: number; max: number }>
}
