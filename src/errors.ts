/** Who must act on a refusal; each transport translates kinds in exactly one place. */
export type RefusalKind =
  | 'invalid'
  | 'unauthenticated'
  | 'forbidden'
  | 'not_found'
  | 'conflict'
  | 'gone'
  | 'too_large'
  | 'unsupported'
  | 'precondition'
  | 'quota'
  | 'rate_limited'
  | 'unavailable'
  | 'misconfigured'

interface RefusalSpec {
  kind: RefusalKind
  /** What happened, in one sentence that may be shown to anyone who made the request. */
  say: (details: Record<string, string | number>) => string
  /** What to do next. */
  hint: string
  /** Found out by doing the whole work: the call counts, or large inputs would be read for nothing. */
  workDone?: true
}

/**
 * Every refusal Nova can give. A code is never renamed: clients branch on it. Sentences hold only our own
 * words and the caller's own values, never text that came from a fetched page.
 */
const catalogue = {
  ARGUMENT_INVALID: {
    kind: 'invalid',
    say: (d) => `Argument ${d.path}: ${d.problem}.`,
    hint: 'Correct the argument and call again.',
  },
  ARTICLE_ID_INVALID: {
    kind: 'invalid',
    say: () => 'The article id is not a UUID.',
    hint: 'Call list_articles and use an article_id exactly as given there.',
  },
  ARTICLE_NOT_FOUND: {
    kind: 'not_found',
    say: () => 'There is no such article.',
    hint: 'Call list_articles to see your articles, or create_article to start one.',
  },
  ARTICLE_EXISTS: {
    kind: 'conflict',
    say: () => 'An article with this id exists already, with another guideline.',
    hint: 'Leave article_id out to create a new article.',
  },
  ARTICLE_ARCHIVED: {
    kind: 'precondition',
    say: () => 'The article is archived and takes no more work.',
    hint: 'Take it back with archive_article (archived: false), or create a new article from its guideline.',
  },
  GUIDELINE_EMPTY: {
    kind: 'invalid',
    say: () => 'The guideline is empty.',
    hint: 'Send a Markdown text with an outline and the links of your article.',
  },
  GUIDELINE_TOO_LARGE: {
    kind: 'too_large',
    say: (d) => `The guideline has ${d.size} bytes; at most ${d.max} are taken.`,
    hint: 'Shorten the guideline, or move material into local files and upload those.',
  },
  TEXT_NOT_UTF8: {
    kind: 'invalid',
    say: (d) => `${d.name} is not UTF-8 text.`,
    hint: 'Save the file as UTF-8 and send it again.',
  },
  TEXT_HAS_NUL: {
    kind: 'invalid',
    say: (d) => `${d.name} contains NUL bytes, so it is not a text file.`,
    hint: 'Send a plain text file, saved as UTF-8.',
  },
  FILE_TYPE_UNSUPPORTED: {
    kind: 'unsupported',
    say: (d) => `${d.name}: files of this type are not taken.`,
    hint: 'Send text, Markdown, source code or notebooks (.md .txt .py .ipynb and the like).',
  },
  FILE_NOT_WHAT_IT_SAYS: {
    kind: 'invalid',
    say: (d) => `${d.name} is ${d.found}, not what its name says.`,
    hint: 'Unpack or convert it and send the text file itself.',
  },
  FILE_TOO_LARGE: {
    kind: 'too_large',
    say: (d) => `${d.name} has more than ${d.max} bytes.`,
    hint: 'Send a smaller file.',
  },
  FILE_NAME_INVALID: {
    kind: 'invalid',
    say: () => 'A file name is empty, too long, or holds control characters.',
    hint: 'Rename the file to at most 255 printable characters and send it again.',
  },
  FILES_MISSING: {
    kind: 'invalid',
    say: () => 'The request holds no file.',
    hint: 'Choose at least one file.',
  },
  FILES_TOO_MANY: {
    kind: 'too_large',
    say: (d) => `More than ${d.max} files were sent at once.`,
    hint: 'Send them in several requests.',
  },
  STORAGE_FULL: {
    kind: 'too_large',
    say: (d) =>
      `You keep ${d.used} of at most ${d.max} bytes of texts and files; ${d.size} more do not fit.`,
    hint: 'Erase articles that you no longer need (DELETE /articles/{id}), or ask your administrator to raise NOVA_STORAGE_MEGABYTES.',
  },
  UPLOAD_INCOMPLETE: {
    kind: 'invalid',
    say: () => 'The upload stopped before its end; nothing was stored.',
    hint: 'Send it again; the link still works.',
  },
  NOTEBOOK_INVALID: {
    kind: 'invalid',
    say: (d) => `${d.name} is not a readable Jupyter notebook.`,
    hint: 'Open it in Jupyter, save it again (nbformat 3 or 4), and send it again.',
  },
  DOCUMENT_UNREADABLE: {
    kind: 'invalid',
    say: (d) => `${d.name} cannot be read: ${d.why}`,
    hint: 'Send it without a password and with text instead of pictures of pages, or as Markdown.',
  },
  TEXT_TOO_COMPLEX: {
    kind: 'too_large',
    say: (d) => `${d.name} would take too long or too much memory to read.`,
    hint: 'Put empty lines between its paragraphs, split very wide tables and deep lists, or send it in smaller parts.',
    workDone: true,
  },
  LINKS_TOO_MANY: {
    kind: 'too_large',
    say: (d) => `The guideline has ${d.found} different links; at most ${d.max} are taken.`,
    hint: 'Split the guideline into several articles.',
    workDone: true,
  },
  LINK_INVALID: {
    kind: 'not_found',
    say: () => 'This link is not valid.',
    hint: 'Ask your assistant for a new link and open it exactly as given.',
  },
  LINK_EXPIRED: {
    kind: 'gone',
    say: () => 'This link has expired.',
    hint: 'Ask your assistant for a new link.',
  },
  LINK_USED: {
    kind: 'gone',
    say: () => 'This upload link has been used already.',
    hint: 'If it was you, what you sent is here: tell your assistant to go on. Otherwise ask it for a new link.',
  },
  LINK_REVOKED: {
    kind: 'gone',
    say: () => 'The owner of the article has revoked this link.',
    hint: 'Ask the owner for a new link.',
  },
  LINK_SPENT: {
    kind: 'gone',
    say: (d) => `As many uploads came through this link as it allows: ${d.max}.`,
    hint: 'Nothing was stored. Ask the owner of the article for a new link.',
  },
  TOKEN_NOT_FOUND: {
    kind: 'not_found',
    say: () => 'There is no such API token.',
    hint: 'Use a token_id as the list of your tokens gives it.',
  },
  TOKENS_TOO_MANY: {
    kind: 'conflict',
    say: (d) => `You have ${d.max} API tokens that still count; more are not issued.`,
    hint: 'Revoke those that you no longer use.',
  },
  TOKEN_CANNOT_ISSUE: {
    kind: 'forbidden',
    say: () => 'An API token cannot issue API tokens.',
    hint: 'Sign in through your AI client, or use `nova token create` on the server.',
  },
  STEP_OUT_OF_ORDER: {
    kind: 'precondition',
    say: (d) => `${d.tool} has nothing to work on yet.`,
    hint: 'Call the tool named in next_step first.',
  },
  NOTHING_SUCCEEDED: {
    kind: 'precondition',
    say: (d) => `Nothing succeeded in ${d.tools}, so research.md would lack all of it.`,
    hint: 'Quote the failures to the user and ask. Call the tool again, or with despite_failures to go on without.',
  },
  QUERY_UNKNOWN: {
    kind: 'invalid',
    say: () => 'There are no queries waiting to be run.',
    hint: 'Call generate_next_queries first, or pass queries.',
  },
  SOURCE_UNKNOWN: {
    kind: 'invalid',
    say: (d) => `Source number ${d.number} is not among the research results of this article.`,
    hint: 'Use source numbers as listed by run_perplexity_research or get_article.',
  },
  SOURCE_REJECTED: {
    kind: 'invalid',
    say: (d) => `Source number ${d.number} was rejected and cannot be scraped.`,
    hint: 'Choose among the sources that were kept.',
  },
  RESEARCH_NOT_COMPILED: {
    kind: 'precondition',
    say: () => 'research.md has not been compiled yet.',
    hint: 'Call create_research_file first.',
  },
  CURSOR_INVALID: {
    kind: 'invalid',
    say: () => 'The cursor is not one that this tool gave.',
    hint: 'Call again without cursor to start from the beginning.',
  },
  OPERATION_NOT_FOUND: {
    kind: 'not_found',
    say: () => 'There is no such operation.',
    hint: 'Use the operation_id that a tool answered with.',
  },
  OPERATION_FINISHED: {
    kind: 'conflict',
    say: () => 'The operation has finished already.',
    hint: 'Call get_operation to read its result.',
  },
  TOOL_UNKNOWN: {
    kind: 'invalid',
    say: (d) => `There is no tool ${d.tool} that a plan can weigh.`,
    hint: 'Use the name of a tool as clients list it, such as run_perplexity_research.',
  },
  OPERATIONS_TOO_MANY: {
    kind: 'rate_limited',
    say: (d) => `Operations running: ${d.max}, as many as your plan allows.`,
    hint: 'Wait with get_operation until one has ended, or end one with cancel_operation, then call again.',
  },
  TOOL_CALL_ENDED: {
    kind: 'conflict',
    say: () => 'The call has ended already.',
    hint: 'Nothing is left to do: what it came to is on record.',
  },
  SEARCH_NOT_CONFIGURED: {
    kind: 'misconfigured',
    say: () => 'No web search provider is configured.',
    hint: 'Go on without web research, or set NOVA_SEARXNG_URL, PPLX_API_KEY or another provider; `nova doctor` lists them.',
  },
  QUOTA_EXCEEDED: {
    kind: 'quota',
    say: (d) =>
      `You have used ${d.used} of ${d.limit} tool calls this month${d.weight === 1 ? '' : `, and this one counts ${d.weight}`}. The next month begins on ${String(d.resets_at).slice(0, 10)}.`,
    hint: 'Wait until then, or have your administrator raise MONTHLY_TOOL_CALL_LIMIT or your plan (`nova plan set`).',
  },
  RATE_LIMITED: {
    kind: 'rate_limited',
    say: () => 'Too many requests in a short time.',
    hint: 'Wait as long as Retry-After says and try again.',
  },
  UPLOADS_TOO_MANY: {
    kind: 'rate_limited',
    say: (d) =>
      d.whose === 'user'
        ? 'You are sending more at once than one user may.'
        : 'This server is taking in as much at once as it can hold.',
    hint: 'Nothing was stored. Try again in ten seconds, one upload after the other.',
  },
  STREAMS_TOO_MANY: {
    kind: 'rate_limited',
    say: (d) =>
      d.whose === 'user'
        ? `You have ${d.max} live views open, as many as one user may.`
        : `This server keeps ${d.max} live views open, as many as it can.`,
    hint: 'Close one, or try again in ten seconds; a page that is loaded again shows the same.',
  },
  UNAUTHENTICATED: {
    kind: 'unauthenticated',
    say: () => 'This request needs a valid access token.',
    hint: 'Sign in through your AI client, or send Authorization: Bearer with an API token.',
  },
  ISSUER_UNAVAILABLE: {
    kind: 'unavailable',
    say: () => 'The sign-in service cannot be reached, so no token can be checked right now.',
    hint: 'Try again shortly; users cannot sign in until it answers.',
  },
  SCOPE_MISSING: {
    kind: 'forbidden',
    say: (d) => `This needs the scope ${d.scope}.`,
    hint: 'Sign in again and grant that scope, or use a token that has it.',
  },
  TOOLSET_UNKNOWN: {
    kind: 'invalid',
    say: (d) =>
      `What was named is not among the sets of tools that are offered here: ${d.toolsets}.`,
    hint: 'Name one or more of them, comma separated, or none for all.',
  },
  ORIGIN_REFUSED: {
    kind: 'forbidden',
    say: () => 'Requests from this origin or host name are not taken.',
    hint: 'Use the address in SERVER_URL, or set SERVER_URL to the address your clients use.',
  },
  BODY_TOO_LARGE: {
    kind: 'too_large',
    say: (d) => `The request body is larger than ${d.max} bytes.`,
    hint: 'Send less in one request.',
  },
  BODY_INVALID: {
    kind: 'invalid',
    say: () => 'The request body could not be read.',
    hint: 'Send it as the content type that the documentation at /openapi.json names.',
  },
  BODY_TOO_COMPLEX: {
    kind: 'invalid',
    say: (d) =>
      `The JSON body nests deeper than ${d.depth} levels or holds more than ${d.values} values.`,
    hint: 'Send what /openapi.json or the tool describes; a long text is one string.',
  },
  BODY_TYPE_UNSUPPORTED: {
    kind: 'unsupported',
    say: () => 'A request body of this content type is not taken here.',
    hint: 'Send it as one of the content types that /openapi.json names for this address.',
  },
  ROUTE_NOT_FOUND: {
    kind: 'not_found',
    say: () => 'There is nothing at this address.',
    hint: 'See /openapi.json for what is here.',
  },
  IDEMPOTENCY_KEY_REUSED: {
    kind: 'conflict',
    say: () => 'This idempotency key was used before with different content.',
    hint: 'Use a new key for a new request.',
  },
  CONCURRENT_CHANGE: {
    kind: 'unavailable',
    say: () => 'The article is being changed by many requests at once.',
    hint: 'Try again in a moment.',
  },
  DATABASE_UNAVAILABLE: {
    kind: 'unavailable',
    say: (d) =>
      d.outcome === 'unknown'
        ? 'The connection to the database broke before it answered; whether this was done is not known yet.'
        : d.reason === 'busy'
          ? 'More requests wait for the database than it can serve right now.'
          : 'The database cannot be reached right now.',
    hint: 'Try again shortly; nothing was changed.',
  },
  DATABASE_NOT_MIGRATED: {
    kind: 'misconfigured',
    say: (d) => `The database could not be migrated: ${d.problem}.`,
    hint: 'See `nova doctor`; the server serves nothing until the migration succeeds.',
  },
  DATABASE_POOLED: {
    kind: 'misconfigured',
    say: () =>
      'A connection pooler between Nova and PostgreSQL drops the role with which each connection starts.',
    hint: 'Point DATABASE_URL at PostgreSQL itself: Nova keeps a pool of its own (NOVA_DB_POOL), and without the role nothing would keep users apart.',
  },
  DATABASE_TOO_OLD: {
    kind: 'misconfigured',
    say: (d) => `PostgreSQL ${d.version} is too old; Nova needs 15 or newer.`,
    hint: 'Point DATABASE_URL at a newer server, or leave it unset to use the embedded one.',
  },
  EMBEDDED_DATABASE_FAILED: {
    kind: 'misconfigured',
    say: (d) => `The embedded PostgreSQL did not start: ${d.problem}.`,
    hint: 'Set NOVA_DATA_DIR to a folder this user can write, or set DATABASE_URL.',
  },
  DATA_DIR_UNUSABLE: {
    kind: 'misconfigured',
    say: (d) => `The data folder ${d.path} cannot be used: ${d.problem}.`,
    hint: 'Set NOVA_DATA_DIR to a folder that this user can write, on a disk that is not full.',
  },
  SYSTEM_REFUSED: {
    kind: 'misconfigured',
    say: (d) => `This machine refused ${d.what}: ${d.problem}.`,
    hint: 'Mend that, or name another place, then run the command again.',
  },
  CONFIG_INVALID: {
    kind: 'misconfigured',
    say: (d) => `The configuration is not valid: ${d.problem}`,
    hint: 'See .env.example for every setting.',
  },
  BIND_REFUSED: {
    kind: 'misconfigured',
    say: (d) => `Without authentication the server only listens on loopback, not on ${d.host}.`,
    hint: 'Set NOVA_AUTH_ISSUER (or DESCOPE_PROJECT_ID), or NOVA_ACCESS_TOKEN for a single user, or SERVER_HOST=127.0.0.1.',
  },
  PORT_IN_USE: {
    kind: 'misconfigured',
    say: (d) => `Port ${d.port} is in use by another program.`,
    hint: 'Stop that program, or set SERVER_PORT to another port.',
  },
  ADDRESS_UNUSABLE: {
    kind: 'misconfigured',
    say: (d) => `The server cannot listen on ${d.host}, port ${d.port}: ${d.problem}.`,
    hint: 'Set SERVER_HOST to an address of this machine and SERVER_PORT to a port that this user may use.',
  },
  PROJECTION_UNKNOWN: {
    kind: 'not_found',
    say: (d) => `There is no projection ${d.name}.`,
    hint: 'See `nova projections status` for the names.',
  },
  REBUILD_RUNNING: {
    kind: 'conflict',
    say: (d) => `Projection ${d.name} is being rebuilt by another process.`,
    hint: 'Wait until it has finished; see `nova projections status`.',
  },
  EVENT_NOT_FOUND: {
    kind: 'not_found',
    say: () => 'There is no such event.',
    hint: 'Use an event id as `nova events` shows it.',
  },
  DATABASE_BEFORE_BASELINE: {
    kind: 'misconfigured',
    say: () => 'The database has the schema of a Nova of before the first release.',
    hint: 'Run `nova migrate renew FILE`: it moves the events through a file, which it keeps.',
  },
  DATABASE_NOT_EMPTY: {
    kind: 'conflict',
    say: () => 'The database holds events already; an import needs one that holds none.',
    hint: 'Point DATABASE_URL at a new database, or NOVA_DATA_DIR at a new folder.',
  },
  IMPORT_INVALID: {
    kind: 'invalid',
    say: (d) => `The file is not an export that can be taken: ${d.problem}.`,
    hint: 'Nothing was stored. Export again with `nova events export`.',
  },
  EVENTS_ARCHIVED: {
    kind: 'precondition',
    say: (d) => `Events of ${d.months} are in archive files, so ${d.what} would be incomplete.`,
    hint: 'Bring them back first, newest month first: nova events attach FILE.',
  },
  HISTORY_ARCHIVED: {
    kind: 'precondition',
    say: (d) => `Events of ${d.months} that this needs are in archive files.`,
    hint: 'Ask your administrator to bring them back: nova events attach FILE.',
  },
  ARCHIVE_NOT_READY: {
    kind: 'precondition',
    say: (d) => `The events of ${d.month} cannot be archived now: ${d.problem}.`,
    hint: 'Nothing was taken out. See `nova projections status`, then try again.',
  },
  ARCHIVE_INVALID: {
    kind: 'invalid',
    say: (d) => `${d.path} cannot be attached: ${d.problem}.`,
    hint: 'Nothing was stored. Name the file that `nova events archive` wrote, newest month first.',
  },
  HEADS_INVALID: {
    kind: 'invalid',
    say: (d) => `${d.path} cannot be compared: ${d.problem}.`,
    hint: 'Name a file that `nova events head` wrote, with --key and the public key that was printed with it.',
  },
  INPUT_FILE_UNREADABLE: {
    kind: 'invalid',
    say: (d) => `${d.path} cannot be read.`,
    hint: 'Check the path and its permissions.',
  },
  OUTPUT_FILE_UNWRITABLE: {
    kind: 'invalid',
    say: (d) => `${d.path} cannot be written.`,
    hint: 'Check the folder and its permissions, or name another file with -o.',
  },
  BACKUP_FOLDER_UNUSABLE: {
    kind: 'misconfigured',
    say: (d) => `${d.path} cannot be the folder of the backups: ${d.problem}.`,
    hint: 'Name an empty folder, or the one in which the backups of this server are, with --dir or NOVA_BACKUP_DIR.',
  },
  BACKUP_REFUSED: {
    kind: 'misconfigured',
    say: (d) => `The database server gives no backup: ${d.problem}.`,
    hint: 'See docs/operations.md: managed servers make their own, and others need a role with REPLICATION.',
  },
  BACKUP_DAMAGED: {
    kind: 'invalid',
    say: (d) => `The backup is damaged: ${d.path}: ${d.problem}.`,
    hint: 'Restore an earlier backup with --backup, make a new one with `nova backup`, and look at the disk.',
  },
  WAL_MISSING: {
    kind: 'invalid',
    say: (d) => `The archive of the log has a hole: ${d.name} is not in ${d.path}.`,
    hint: 'Nothing after the hole can be restored. Bring the file back, or make a new backup with `nova backup`.',
  },
  RESTORE_TARGET_UNREACHABLE: {
    kind: 'invalid',
    say: (d) => `${d.target} cannot be restored: ${d.problem}.`,
    hint: 'See `nova backup list` for what can be restored.',
  },
  RESTORE_FAILED: {
    kind: 'unavailable',
    say: (d) => `The backup was not restored: ${d.problem}.`,
    hint: 'Nothing was left behind. Try an earlier backup with --backup.',
  },
  RESTORE_PLACE_TAKEN: {
    kind: 'conflict',
    say: (d) => `${d.path} holds a database already.`,
    hint: 'Move it away, or name another folder with --into.',
  },
  RUN_UNKNOWN: {
    kind: 'not_found',
    say: () => 'This article has no such research run.',
    hint: 'Start one with research_article, or leave run_id out to mean the newest.',
  },
  RUN_NOT_ASKING: {
    kind: 'conflict',
    say: (d) => `The research run is ${d.status} and does not ask this question, or no longer.`,
    hint: 'Read the run again: it says what it is doing, and what it asks.',
  },
  RUN_CHOICE_UNKNOWN: {
    kind: 'invalid',
    say: (d) => `The question cannot be answered so; it takes: ${d.choices}.`,
    hint: 'Answer with one of the choices.',
  },
  RUN_FINISHED: {
    kind: 'conflict',
    say: () => 'The research run has finished already.',
    hint: 'Read research.md, or start another run.',
  },
  WEBHOOK_ADDRESS_REFUSED: {
    kind: 'invalid',
    say: (d) => `The webhook cannot be sent to this address: ${d.problem}`,
    hint: 'Give an http or https address on the public internet, or ask your administrator to allow it.',
  },
  RUN_NOT_FOUND: {
    kind: 'not_found',
    say: () => 'There is no unfinished run of this guideline.',
    hint: 'Start one without --resume.',
  },
  SERVER_STOPPING: {
    kind: 'unavailable',
    say: () => 'The server is stopping and did not finish this.',
    hint: 'Send the same again shortly.',
  },
  SERVER_UNREACHABLE: {
    kind: 'unavailable',
    say: (d) => `No Nova server answers at ${d.url}.`,
    hint: 'Start it with `npm start`, or leave --server out to run one for this command.',
  },
} as const satisfies Record<string, RefusalSpec>

export type RefusalCode = keyof typeof catalogue

/** Codes in catalogue order.
 * @internal Tests go through them. */
export const refusalCodes = Object.keys(catalogue) as RefusalCode[]

export const isRefusalCode = (text: string): text is RefusalCode => Object.hasOwn(catalogue, text)

const retryableKinds: ReadonlySet<RefusalKind> = new Set(['rate_limited', 'unavailable'])

/** A refusal is an answer, not a bug: it is shown to the caller as it is and never logged as an error. */
export class Refusal extends Error {
  readonly code: RefusalCode
  readonly kind: RefusalKind
  readonly hint: string
  /** Whether the same request may succeed later without change. */
  readonly retryable: boolean
  /** Whether the call counts although it was refused. */
  readonly workDone: boolean
  readonly details: Readonly<Record<string, string | number>>

  constructor(
    code: RefusalCode,
    details: Record<string, string | number> = {},
    options: { cause?: unknown; hint?: string } = {},
  ) {
    const spec: RefusalSpec = catalogue[code]
    super(spec.say(details), { cause: options.cause })
    this.name = 'Refusal'
    this.code = code
    this.kind = spec.kind
    this.hint = options.hint ?? spec.hint
    this.retryable = retryableKinds.has(spec.kind)
    this.workDone = spec.workDone ?? false
    this.details = details
  }
}

/**
 * The refusal of what may have been done: its answer was lost. Nothing may be given back or repeated on it
 * before somebody has looked.
 */
export const outcomeUnknown = (
  cause: unknown,
  {
    details = {},
    hint = 'Look whether it was done before you send it again.',
  }: { details?: Refusal['details']; hint?: string } = {},
): Refusal =>
  new Refusal('DATABASE_UNAVAILABLE', { ...details, outcome: 'unknown' }, { cause, hint })

export const isOutcomeUnknown = (error: unknown): error is Refusal =>
  error instanceof Refusal &&
  error.code === 'DATABASE_UNAVAILABLE' &&
  error.details.outcome === 'unknown'

/** The form in which every transport shows a refusal. */
export function refusalBody(refusal: Refusal) {
  const { code, message, retryable, hint, details } = refusal
  return { code, message, retryable, hint, ...(Object.keys(details).length ? { details } : {}) }
}
