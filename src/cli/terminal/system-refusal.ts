import { Refusal } from '../../errors.ts'
import { translateDatabaseError } from '../../store/database/database-error.ts'
import { systemProblem } from '../../store/database/system-problem.ts'

/** The refusal that a failure of the database or the machine means for a command, or the error as it came. */
export function systemRefusal(error: unknown): unknown {
  const known = translateDatabaseError(error)
  const problem = systemProblem(known)
  if (!problem) return known
  const { path, syscall = '' } = known as NodeJS.ErrnoException
  return new Refusal('SYSTEM_REFUSED', { what: path ?? syscall, problem }, { cause: error })
}
