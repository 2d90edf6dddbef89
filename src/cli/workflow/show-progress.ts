import { oneLine, type Terminal } from '../terminal.ts'
import type { RunEvent, Watch } from './run-events.ts'

/** Shows a run as it goes: a line for each step, a line for each source as it is done. */
export function showProgress(terminal: Terminal): Watch {
  const { paint } = terminal
  const begun = performance.now()
  const stamp = () =>
    paint('dim', `${((performance.now() - begun) / 1000).toFixed(1).padStart(5)}s`)
  const show = (mark: string, text: string) => terminal.print(`${stamp()}   ${mark} ${text}`)
  /** Items shown already, so that the operation's answer adds only what was not seen on the way. */
  const seen = new Map<string, number>()

  const byKind: { [K in RunEvent['kind']]: (event: Extract<RunEvent, { kind: K }>) => void } = {
    step: ({ title, tool }) =>
      terminal.print(`${stamp()} ${paint('bold', title)} ${paint('dim', tool)}`),
    note: ({ text }) => show(paint('dim', '·'), oneLine(text)),
    warning: ({ text }) => show(paint('yellow', '!'), oneLine(text)),
    progress: ({ tool, progress }) => {
      if (progress.done <= (seen.get(tool) ?? 0)) return
      seen.set(tool, progress.done)
      show(paint('dim', `${progress.done}/${progress.total}`), oneLine(progress.message, 120))
    },
    operation: ({ tool, answer }) => {
      seen.delete(tool)
      if (answer.status === 'nothing_to_do') return
      for (const item of answer.items) {
        if (item.state !== 'failed') continue
        show(paint('red', '✗'), oneLine(`${item.label}: ${item.failure ?? 'failed'}`))
      }
      const mark = answer.failed === 0 ? paint('green', '✓') : paint('yellow', '!')
      show(mark, `${answer.succeeded} of ${answer.total} ${paint('dim', tool)}`)
    },
  }
  return (event) => (byKind[event.kind] as (event: RunEvent) => void)(event)
}
