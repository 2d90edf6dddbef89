/**
 * What Nova uses of AsyncDisposableStack, for Node 22, which has none: what was opened last is closed first, and a close
 * that fails keeps none of the others from being closed.
 */
class ReleaseStack {
  readonly #releases: (() => unknown)[] = []

  defer(release: () => unknown): void {
    this.#releases.push(release)
  }

  /** Throws what failed: the error itself, or an AggregateError of several. */
  async disposeAsync(): Promise<void> {
    const failures: unknown[] = []
    for (let release = this.#releases.pop(); release; release = this.#releases.pop()) {
      try {
        await release()
      } catch (error) {
        failures.push(error)
      }
    }
    if (failures.length > 1) throw new AggregateError(failures, 'several resources failed to close')
    if (failures.length === 1) throw failures[0]
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.disposeAsync()
  }
}

/** Gives the process an AsyncDisposableStack unless it has one. */
export function provideReleaseStack(): void {
  if ('AsyncDisposableStack' in globalThis) return
  Object.defineProperty(globalThis, 'AsyncDisposableStack', {
    value: ReleaseStack,
    configurable: true,
    writable: true,
  })
}
