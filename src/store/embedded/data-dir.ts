import { accessSync, constants, mkdirSync } from 'node:fs'
import { Refusal } from '../../errors.ts'
import { systemProblem } from '../database/system-problem.ts'

/** Makes the data folder unless it is there. Throws Refusal DATA_DIR_UNUSABLE. */
export function makeDataDir(dir: string): void {
  inDataDir(dir, () => {
    mkdirSync(dir, { recursive: true })
    accessSync(dir, constants.W_OK | constants.X_OK)
  })
}

/** Runs work on files of the data folder. Throws Refusal DATA_DIR_UNUSABLE for what the machine refused. */
export function inDataDir<Result>(dir: string, work: () => Result): Result {
  try {
    return work()
  } catch (error) {
    const problem = systemProblem(error)
    if (!problem) throw error
    throw new Refusal('DATA_DIR_UNUSABLE', { path: dir, problem }, { cause: error })
  }
}
