import type { ExplainedEvent } from '../../store/archives/event-log.ts'
import type { CliCall } from '../command.ts'
import { openStore } from '../setup/open-store.ts'
import { oneLine, type Terminal } from '../terminal/terminal.ts'

/** Shows the event among all that began with the same tool call or request, as a tree. */
export async function explainEvent(call: CliCall): Promise<number> {
  const eventId = call.positionals[1] ?? ''
  const [{ Refusal }, { eventsAround }] = await Promise.all([
    import('../../errors.ts'),
    import('../../store/archives/event-log.ts'),
  ])
  await using store = await openStore(call.settings())
  await store.project('audit')
  const found = await eventsAround(store.database.projector, eventId)
  if (found.length === 0) throw new Refusal('EVENT_NOT_FOUND')
  for (const line of causeTree(found, eventId, call.terminal)) call.terminal.print(line)
  const archived = [...new Set(found.flatMap(({ archived_month: month }) => month ?? []))]
  if (archived.length > 0) {
    call.terminal.complain(`Its data is in archives of ${archived.join(', ')}.`)
  }
  return 0
}

interface Branch {
  says: string
  branches: Branch[]
}

/** Tool call → events of the command → job → events of the job; what has no known cause stands first. */
export function causeTree(
  events: readonly ExplainedEvent[],
  askedId: string,
  terminal: Pick<Terminal, 'paint'>,
): string[] {
  const nodes = new Map<string, Branch>()
  const jobs = new Map<string, Branch>()
  const roots: Branch[] = []
  const call = events.find((event) => event.type === 'ToolCalled')
  for (const event of events) {
    const branch = { says: sentenceOf(event, askedId, terminal), branches: [] }
    // Events of before causes were recorded still name their call.
    const cause =
      event.cause ?? (event !== call && isOfCall(event, call) ? call?.event_id : undefined)
    const parent = cause === undefined || cause === null ? undefined : nodes.get(cause)
    nodes.set(event.event_id, branch)
    if (!parent) roots.push(branch)
    else if (event.actor === 'job') jobUnder(parent, String(cause), event).branches.push(branch)
    else parent.branches.push(branch)
  }
  return roots.flatMap((root) => [root.says, ...drawn(root.branches, '')])

  function jobUnder(parent: Branch, cause: string, event: ExplainedEvent): Branch {
    const known = jobs.get(cause)
    if (known) return known
    const says = terminal.paint('cyan', `job of operation ${oneLine(event.correlation_id ?? '')}`)
    const job = { says, branches: [] }
    jobs.set(cause, job)
    parent.branches.push(job)
    return job
  }
}

const isOfCall = (event: ExplainedEvent, call: ExplainedEvent | undefined): boolean =>
  call !== undefined && event.correlation_id === call.call_id

function drawn(branches: readonly Branch[], indent: string): string[] {
  return branches.flatMap((branch, at) => {
    const isLast = at === branches.length - 1
    return [
      `${indent}${isLast ? '└─' : '├─'} ${branch.says}`,
      ...drawn(branch.branches, `${indent}${isLast ? '   ' : '│  '}`),
    ]
  })
}

function sentenceOf(
  event: ExplainedEvent,
  askedId: string,
  { paint }: Pick<Terminal, 'paint'>,
): string {
  const time = event.recorded_at.toISOString().slice(11, 23)
  const by = [event.actor, event.client && oneLine(event.client, 60)].filter(Boolean).join(', ')
  const line = `${event.type}  ${oneLine(event.summary)}  (${by})`
  const shown = event.event_id === askedId ? paint('bold', `${line}  ◀`) : line
  return `${shown}  ${paint('dim', `${time} ${event.event_id}`)}`
}
