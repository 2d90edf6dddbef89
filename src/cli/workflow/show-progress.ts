import { oneLine, type Terminal } from '../terminal/terminal.ts'
import type { RunEvent, Watch } from './run-events.ts'

/** Shows a run as it goes: a line for each step, a line for each source as it is done. */
export function showProgress(terminal: Terminal): Watch {
  const { paint } = terminal
  const begun = performance.now()
  const stamp = () =>
    paint('dim', `${((performance.now() - begun) / 1000).toFixed(1).padStart(5)}s`)
  const show = (mark: string, text: string) => terminal.print(`${stamp()}   ${mark} ${text}`)
  /** How many happenings of the run were shown: a call that joins it hears of all of them again. */
  let seen = 0

  const byKind: { [K in RunEvent['kind']]: (event: Extract<RunEvent, { kind: K }>) => void } = {
    step: ({ title, tool }) =>
      terminal.print(`${stamp()} ${paint('bold', title)} ${paint('dim', tool)}`),
    note: ({ text }) => show(paint('dim', '·'), oneLine(text)),
    warning: ({ text }) => show(paint('yellow', '!'), oneLine(text)),
    progress: ({ progress: { done, message } }) => {
      if (done <= seen) return
      seen = done
      const line = oneLine(message, 160)
      if (line.startsWith('failed')) show(paint('yellow', '!'), paint('red', line))
      else if (/^step \d+: [a-z]+_/.test(line)) terminal.print(`${stamp()} ${paint('bold', line)}`)
      else show(paint('dim', '·'), line)
    },
  }
  return (event) => (byKind[event.kind] as (event: RunEvent) => void)(event)
}
