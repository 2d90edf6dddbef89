import type { GuidelineLinks } from '../../guideline/guideline-links.ts'
import type { ConvertRequest } from '../convert-request.ts'
import type { Converted } from '../converted.ts'

/** What is done away from the server: the input and the output of each kind of task. */
export interface ExtractionTasks {
  page: { input: ConvertRequest; output: Converted }
  /** The links of a guideline's text. */
  links: { input: string; output: GuidelineLinks }
  /** A notebook's JSON as Markdown; null when it is no notebook. */
  notebook: { input: string; output: string | null }
}

export type TaskKind = keyof ExtractionTasks

export type ExtractionTask = {
  [Kind in TaskKind]: { kind: Kind; input: ExtractionTasks[Kind]['input'] }
}[TaskKind]
