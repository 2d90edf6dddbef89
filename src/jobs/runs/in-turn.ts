/** Runs each piece of work when the one before it has ended, well or not. */
export type InTurn = <Result>(work: () => Promise<Result>) => Promise<Result>

/** A row of work of its own. */
export function createTurns(): InTurn {
  let before: Promise<unknown> = Promise.resolve()
  return (work) => {
    const turn = before.then(work, work)
    before = turn
    return turn
  }
}
