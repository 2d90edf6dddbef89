import { Refusal, type RefusalCode } from '../../errors.ts'

const codes: ReadonlySet<RefusalCode> = new Set([
  'ARTICLE_NOT_FOUND',
  'CONCURRENT_CHANGE',
  'DATABASE_UNAVAILABLE',
])

/** Whether recording failed and not the work: the item must not be blamed for it. */
export const isOfStore = (error: unknown): boolean =>
  error instanceof Refusal && codes.has(error.code)

/** The item is read and its user has no room for it: that item's failure, and no other's. */
export const isStorageFull = (error: unknown): error is Refusal =>
  error instanceof Refusal && error.code === 'STORAGE_FULL'
