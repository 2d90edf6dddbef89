import { type CliCall, type CliCommand, UsageError } from './command.ts'

type Action = (call: CliCall) => Promise<number>

/** Each action loads what is heavy only when it runs. */
const actions: Readonly<Record<string, { takes: 0 | 1; load: () => Promise<Action> }>> = {
  list: { takes: 0, load: async () => (await import('./events/list.ts')).listEvents },
  explain: { takes: 1, load: async () => (await import('./events/explain.ts')).explainEvent },
  verify: { takes: 0, load: async () => (await import('./events/verify.ts')).verify },
  head: { takes: 1, load: async () => (await import('./events/head.ts')).headTo },
  export: { takes: 1, load: async () => (await import('./events/export.ts')).exportTo },
  import: { takes: 1, load: async () => (await import('./events/import.ts')).importFrom },
  archive: { takes: 1, load: async () => (await import('./events/archive.ts')).archiveTo },
  attach: { takes: 1, load: async () => (await import('./events/attach.ts')).attachFrom },
}

/** Everything that happened, of all users, for administrators who may open the database. */
export const events: CliCommand = {
  name: 'events',
  usage:
    '[list] | explain EVENT_ID | verify | head FILE|- | export FILE|- | import FILE|- | archive FOLDER | attach FILE',
  summary: 'Show, follow, explain, verify, move and archive what happened',
  details: [
    'list      the latest events, oldest first; --follow shows new ones as they are committed',
    'explain   cause and effect of one event as a tree, from the tool call on',
    'verify    recomputes every hash; exit code 1 when an event was changed, is missing or out of order',
    '          --against compares it with signed heads that were kept elsewhere',
    'head      where the chain of every stream ends, signed, to be kept where its owner cannot write',
    'export    all events as lines of JSON; --contents adds the bodies they name',
    'import    takes an export into a database without events, verified, all or nothing',
    'archive   writes usage events of the months before --before to files and takes them out; --all',
    '          also articles and links of those months without any event since',
    'attach    brings an archived month back, verified; the newest month first',
  ],
  positionals: { min: 0, max: 2 },
  options: {
    user: { type: 'string', value: 'USER', help: 'Only this user (list, verify, export)' },
    article: { type: 'string', value: 'ID', help: 'Only this article' },
    type: { type: 'string', value: 'TYPE', help: 'Only this event type, such as ToolCallRefused' },
    call: { type: 'string', value: 'ID', help: 'Only this tool call and what followed from it' },
    since: {
      type: 'string',
      value: 'TIME',
      help: 'From this time on: 2026-01-31 or ISO 8601, UTC',
    },
    until: { type: 'string', value: 'TIME', help: 'Before this time' },
    limit: { type: 'string', value: 'N', help: 'At most so many; default 50' },
    follow: { type: 'boolean', short: 'f', help: 'Go on showing new events until stopped' },
    json: { type: 'boolean', help: 'One JSON object per line, with the data' },
    stream: { type: 'string', value: 'STREAM', help: 'Only this stream (verify)' },
    against: { type: 'string', value: 'FILE', help: 'Compare with signed heads (verify)' },
    key: { type: 'string', value: 'KEY', help: 'The public key of those heads (verify)' },
    contents: { type: 'boolean', help: 'With the bodies, base64 (export)' },
    all: { type: 'boolean', help: 'Whole months, not their usage only (archive)' },
    before: { type: 'string', value: 'YYYY-MM', help: 'The first month that stays (archive)' },
  },
  async run(call) {
    const [name = 'list', operand] = call.positionals
    const action = actions[name]
    if (!action || (operand === undefined) !== (action.takes === 0)) {
      throw new UsageError(
        action
          ? `nova events ${name} takes ${action.takes ? 'one argument' : 'no argument'}.`
          : `nova events has no action "${name}".`,
        `Usage: nova events ${events.usage}`,
      )
    }
    return (await action.load())(call)
  },
}
