/** One line of the report; see docs/benchmarks.md. */
export interface Line {
  bench: string
  variant: string
  unit: string
  value: number
  p50_ms?: number
  p99_ms?: number
  ratio_to?: string
  ratio?: number
  goal?: number
  note?: string
}

export interface Measured {
  perSecond: number
  p50: number
  p99: number
}

/** What is compared: `lane(n)` makes the n-th concurrent caller's operation, called again and again. */
export interface Contender {
  name: string
  /** Things counted per operation: events. */
  size: number
  lane: (n: number) => () => Promise<unknown>
}

/**
 * Runs the contenders in turn, several rounds, so that a noisy minute hits all of them; each one's
 * median round counts.
 */
export async function roundRobin(
  contenders: readonly Contender[],
  options: { lanes: number; sliceMs: number; rounds?: number },
): Promise<Map<string, Measured>> {
  const { lanes, sliceMs, rounds = 3 } = options
  const results = new Map(contenders.map(({ name }) => [name, [] as Measured[]]))
  for (let round = 0; round < rounds; round++) {
    for (const contender of contenders) {
      results.get(contender.name)?.push(await slice(contender, lanes, sliceMs))
    }
  }
  return new Map([...results].map(([name, measured]) => [name, median(measured)]))
}

/**
 * Runs one operation of each contender after the other, again and again: what disturbs one disturbs them
 * all, so ratios hold on a machine that is not quiet. `between` runs outside of the times.
 */
export async function inTurn(
  contenders: readonly Contender[],
  options: { turns: number; every?: number; between?: () => Promise<unknown> },
): Promise<Map<string, Measured>> {
  const { turns, every = turns, between } = options
  const runs = contenders.map(({ name, lane }) => ({ name, run: lane(0), times: [] as number[] }))
  for (const { run } of runs) for (let n = 0; n < 20; n++) await run()
  for (let turn = 1; turn <= turns; turn++) {
    for (const { run, times } of runs) {
      const began = performance.now()
      await run()
      times.push(performance.now() - began)
    }
    if (turn % every === 0) await between?.()
  }
  const measured = (times: number[]) => {
    const seconds = times.reduce((sum, time) => sum + time, 0) / 1000
    return { perSecond: times.length / seconds, ...percentiles(times) }
  }
  return new Map(runs.map(({ name, times }) => [name, measured(times)]))
}

async function slice(contender: Contender, lanes: number, sliceMs: number): Promise<Measured> {
  const times: number[] = []
  const operations = Array.from({ length: lanes }, (_, n) => contender.lane(n))
  // The first of each lane connects and prepares.
  await Promise.all(operations.map((operation) => operation()))
  const began = performance.now()
  await Promise.all(
    operations.map(async (operation) => {
      for (let now = performance.now(); now - began < sliceMs; ) {
        await operation()
        const after = performance.now()
        times.push(after - now)
        now = after
      }
    }),
  )
  const seconds = (performance.now() - began) / 1000
  return { perSecond: (times.length * contender.size) / seconds, ...percentiles(times) }
}

function median(measured: Measured[]): Measured {
  const sorted = measured.toSorted((a, b) => a.perSecond - b.perSecond)
  return sorted[Math.floor(sorted.length / 2)] ?? { perSecond: 0, p50: 0, p99: 0 }
}

/** The 50th and the 99th percentile of some times. */
export function percentiles(times: readonly number[]): { p50: number; p99: number } {
  const sorted = times.toSorted((a, b) => a - b)
  const at = (share: number) =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]
  return { p50: at(0.5) ?? 0, p99: at(0.99) ?? 0 }
}

/** A line whose ratio is that of the median times: what the one costs beside the other. */
export function timeLineOf(
  bench: string,
  variant: string,
  unit: string,
  measured: Measured,
  against?: { name: string; p50: number; goal?: number },
): Line {
  return {
    ...lineOf(bench, variant, unit, measured),
    ...(against && {
      ratio_to: against.name,
      ratio: rounded(measured.p50 / against.p50, 2),
      ...(against.goal && { goal: against.goal }),
      note: 'of the median times',
    }),
  }
}

const rounded = (n: number, digits: number) => Number(n.toFixed(digits))

/** A line of what was measured, with its ratio to another when there is one to be compared with. */
export function lineOf(
  bench: string,
  variant: string,
  unit: string,
  measured: Measured,
  against?: { name: string; perSecond: number; goal?: number },
): Line {
  return {
    bench,
    variant,
    unit,
    value: rounded(measured.perSecond, 0),
    p50_ms: rounded(measured.p50, 2),
    p99_ms: rounded(measured.p99, 2),
    ...(against && {
      ratio_to: against.name,
      ratio: rounded(measured.perSecond / against.perSecond, 2),
      ...(against.goal && { goal: against.goal }),
    }),
  }
}
