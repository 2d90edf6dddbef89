import { oneLine, type Terminal } from '../terminal/terminal.ts'
import type { RunEvent, Watch } from './run-events.ts'

/** Shows a run as it goes: a line for each step, a line for each source as it is done. */
export function showProgress(terminal: Terminal): Watch {
  const { paint } = terminal
  const begun = performance.now()
  const stamp = () =>
    paint('dim', `${((performance.now() - begun) / 1000).toFixed(1).padStart(5)}s`)
  const show = (mark: string, text: string) => terminal.print(`${stamp()}   ${mark} ${text}`)
  /** How many items of a tool were shown: a call that joins an operation hears of all of them again. */
  const seen = new Map<string, number>()

  const byKind: { [K in RunEvent['kind']]: (event: Extract<RunEvent, { kind: K }>) => void } = {
    step: ({ title, tool }) =>
      terminal.print(`${stamp()} ${paint('bold', title)} ${paint('dim', tool)}`),
    note: ({ text }) => show(paint('dim', '·'), oneLine(text)),
    warning: ({ text }) => show(paint('yellow', '!'), oneLine(text)),
    progress: ({ tool, progress }) => {
      if (progress.done <= (seen.get(tool) ?? 0)) return
      seen.set(tool, progress.done)
      const at = `${progress.done}/${progress.total}`.padStart(5)
      const message = oneLine(progress.message, 120)
      show(paint('dim', at), message.startsWith('failed') ? paint('red', message) : message)
    },
    operation: ({ tool, answer }) => {
      seen.delete(tool)
      if (answer.status === 'nothing_to_do') return
      const mark = answer.failed === 0 ? paint('green', '✓') : paint('yellow', '!')
      show(mark, `${answer.succeeded} of ${answer.total} ${paint('dim', tool)}`)
    },
  }
  return (event) => (byKind[event.kind] as (event: RunEvent) => void)(event)
}
