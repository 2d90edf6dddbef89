/** What converting may take. */
export interface ExtractionSettings {
  /** Time one source may take; default 30 seconds. */
  timeoutMs?: number
  /** JavaScript heap of each thread, in megabytes; default 640. */
  memoryMegabytes?: number
  /** A thread ends after this long without work; default 20 seconds. */
  idleMs?: number
  /** Where its own bugs are told; a source that breaks a converter is recorded as failed either way. */
  onBug?: (report: string) => void
}
