import { homedir } from 'node:os'
import { isAbsolute, join } from 'node:path'
import { z } from 'zod'
import { settingValues } from './setting-values.ts'

/*
 * The only reader of the environment. Every setting is documented here once; `.env.example` is checked
 * against this file by a test, so that neither can drift.
 */

const { text, key, bearer, keys, url, count, bound, flag, webhookSecret, fetchAllow, prices } =
  settingValues

/** The sets in which tools are offered, in the order of a listing. */
export const toolsetNames = ['research', 'admin'] as const

const settings = z.object({
  /** PostgreSQL 15 or newer. Unset: Nova starts its own under NOVA_DATA_DIR. */
  DATABASE_URL: z
    .string()
    .regex(/^postgres(ql)?:\/\//, 'must begin with postgres://')
    .optional(),
  /** `project:region:instance`; connects through the Cloud SQL connector instead of DATABASE_URL. */
  CLOUD_SQL_INSTANCE: z
    .string()
    .regex(/^[^:\s]+(:[^:\s]+){2,3}$/, 'must be project:region:instance')
    .optional(),
  /** With CLOUD_SQL_INSTANCE: database user; for IAM the service account without .gserviceaccount.com. */
  DB_USER: text(),
  /** With CLOUD_SQL_INSTANCE: password; unset means IAM authentication. */
  DB_PASS: text(),
  /** With CLOUD_SQL_INSTANCE: database name. */
  DB_NAME: z.string().default('nova'),
  /** With CLOUD_SQL_INSTANCE: which address of the instance to dial. */
  NOVA_CLOUD_SQL_IP: z.enum(['PUBLIC', 'PRIVATE', 'PSC']).default('PUBLIC'),
  /** With CLOUD_SQL_INSTANCE: another endpoint of the SQL Admin API (private access, tests). */
  NOVA_CLOUD_SQL_API: url(),
  /** Connections this process may hold open. */
  NOVA_DB_POOL: count(4, 200, 12),
  /** Where the embedded database and the generated link key live, and beside them another `.env`. Unset:
   * the user's data folder of the platform, such as ~/.local/share/nova. */
  NOVA_DATA_DIR: z.string().optional(),
  /** Folder of the backups, on another disk. The embedded database archives its log there from its next
   * start on, and servers with workers copy the data. */
  NOVA_BACKUP_DIR: z.string().optional(),
  /** Hours after which a server makes the next backup by itself; 0 = never, for those of a timer. */
  NOVA_BACKUP_HOURS: count(0, 8760, 24),
  /** Days any moment of which can be restored; older backups are removed by the next one. */
  NOVA_BACKUP_DAYS: count(1, 3650, 14),

  /** Address to listen on. Anything but loopback needs authentication. */
  SERVER_HOST: z.string().default('127.0.0.1'),
  /** Port to listen on; 0 picks a free one. */
  SERVER_PORT: count(0, 65_535, 8000),
  /** Set by Cloud Run and its kin; wins over SERVER_PORT. */
  PORT: z.coerce.number().int().min(0).max(65_535).optional(),
  /** The address clients use, when it differs from host and port (proxy, TLS). */
  SERVER_URL: url(),
  /** Reverse proxies in front whose X-Forwarded-For is believed; 1 on Cloud Run and its kin. */
  NOVA_TRUSTED_PROXIES: count(0, 10, 0),
  /** HTTP requests one user may make per minute, or one address without a token; 0 = unlimited. */
  NOVA_REQUESTS_PER_MINUTE: count(0, 1_000_000, 1200),
  /** Figures for Prometheus at /metrics on this port of SERVER_HOST, for this process whatever its role. */
  NOVA_METRICS_PORT: z.coerce.number().int().min(0).max(65_535).optional(),
  /** Bearer token that reads /metrics, at least 32 characters. Without NOVA_METRICS_PORT they are at the
   * server's own port; beyond loopback there are none without it. */
  NOVA_METRICS_TOKEN: bearer(),
  /** Sets of tools that clients may list and call; an address, /mcp?toolsets=research, narrows them. */
  NOVA_TOOLSETS: z
    .string()
    .default('research,admin')
    .transform((list) => list.split(',').map((name) => name.trim()))
    .pipe(z.array(z.enum(toolsetNames))),
  /** 1: only tools that change nothing, as /mcp?readonly does for one client. */
  NOVA_READ_ONLY: flag(),
  /** trace, debug, info, warn, error, fatal or silent. */
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),

  /** Tool calls per user and UTC calendar month; 0 = unlimited (still recorded). Unset: 100 with an issuer,
   * else unlimited. */
  MONTHLY_TOOL_CALL_LIMIT: bound(1_000_000_000),
  /** Tool calls per user in any sixty seconds; 0 = unlimited. Unset: 120 with an issuer, else unlimited. */
  NOVA_CALLS_PER_MINUTE: bound(100_000),
  /** Operations of slow tools that one user may have at once; 0 = unlimited. Unset: 6 with an issuer, else
   * unlimited. */
  NOVA_CONCURRENT_OPERATIONS: bound(1000),
  /** Operations of slow tools that one server process works on at once. */
  NOVA_OPERATION_SLOTS: count(1, 64, 4),
  /** How many of them one user may hold, so that others find one free. Unset: half with an issuer, else all. */
  NOVA_SLOTS_PER_USER: z.coerce.number().int().min(1).max(64).optional(),
  /** Seconds after which a research run tries again what failed for a while, doubled each time. */
  NOVA_RUN_RETRY_SECONDS: count(1, 3600, 60),
  /** Is told how each research run ended: `{run, outcome}`, signed as of standard-webhooks. Private addresses
   * need NOVA_FETCH_ALLOW, as for pages. */
  NOVA_WEBHOOK_URL: url(),
  /** Signs for NOVA_WEBHOOK_URL: `whsec_` and 24 to 64 bytes in base64. */
  NOVA_WEBHOOK_SECRET: webhookSecret,
  /** Seconds after which a webhook that failed is sent again, doubled each time. */
  NOVA_WEBHOOK_RETRY_SECONDS: count(1, 3600, 5),
  /** Megabytes of texts and files that one user may keep; 0 = unlimited. */
  NOVA_STORAGE_MEGABYTES: count(0, 100_000_000, 2048),

  /** OpenID Connect issuer whose access tokens are accepted. */
  NOVA_AUTH_ISSUER: url(),
  /** Audience the tokens must carry; default: the MCP URL. */
  NOVA_AUTH_AUDIENCE: text(),
  /** Descope preset: sets issuer and audience. */
  DESCOPE_PROJECT_ID: text(),
  /** Descope on an address of your own. */
  DESCOPE_BASE_URL: z.url().default('https://api.descope.com'),
  /** One bearer token for a single-user deployment without an issuer; at least 32 characters. */
  NOVA_ACCESS_TOKEN: bearer(),
  /** Keys that sign links, newest first, comma separated, at least 32 characters each. Unset on a
   * loopback server: one is generated under NOVA_DATA_DIR. */
  NOVA_LINK_SECRET: keys(),
  /** Keys from which those that sign stream heads are made, newest first, comma separated, at least 32
   * characters each. Unset: the keys of links. */
  NOVA_HEADS_KEY: keys(),
  /** Minutes an upload link lives. */
  NOVA_UPLOAD_LINK_MINUTES: count(1, 1440, 60),
  /** Minutes a download or progress link lives. */
  NOVA_DOWNLOAD_LINK_MINUTES: count(1, 43_200, 1440),

  /** `google:…`, `openai:…`, `anthropic:…` or `compatible:…` and the model's name. Unset: the first
   * provider with a key, with a current default model; none: documented heuristics. */
  NOVA_MODEL: z
    .string()
    .regex(/^(google|openai|anthropic|compatible):\S+$/, 'must be provider:model')
    .optional(),
  /** Gemini: model, web search, video transcription. */
  GOOGLE_API_KEY: key(),
  /** OpenAI: model, web search. */
  OPENAI_API_KEY: key(),
  /** Anthropic: model, web search. */
  ANTHROPIC_API_KEY: key(),
  /** Any OpenAI-compatible endpoint (Ollama, vLLM, LM Studio), for NOVA_MODEL=compatible:… */
  NOVA_MODEL_URL: url(),
  /** Key for NOVA_MODEL_URL, when it wants one. */
  NOVA_MODEL_KEY: key(),
  /** Let the model remove boilerplate from scraped pages. It can only remove. */
  NOVA_MODEL_CLEANING: flag(),

  /** What services cost you in US dollars: `name=0.005` for each request, `provider:model=0.30/2.50` for a
   * million tokens in and out. Comma separated. Tokens are counted also without, costs only with it. */
  NOVA_PRICES: prices,

  /** Comma-separated order of search providers to try; unset: every configured one, best first. */
  NOVA_SEARCH: text(),
  /** Your SearXNG instance, with JSON enabled in its settings.yml. */
  NOVA_SEARXNG_URL: url(),
  /** Perplexity. */
  PPLX_API_KEY: key(),
  /** Another endpoint that speaks Perplexity's API. */
  NOVA_PERPLEXITY_URL: z.url().default('https://api.perplexity.ai'),
  /** Tavily; NOVA_SEARCH=tavily works without a key at a lower rate. */
  TAVILY_API_KEY: key(),
  /** Brave Search. */
  BRAVE_API_KEY: key(),
  /** Exa. */
  EXA_API_KEY: key(),

  /** A service of yours that renders pages that need JavaScript and answers with their HTML; it speaks
   * browserless's `POST /content`. Give it no way into your network: it runs the scripts of strangers. */
  NOVA_RENDER_URL: url(),
  /** Token for NOVA_RENDER_URL, when it wants one. */
  NOVA_RENDER_TOKEN: key(),
  /** Firecrawl: pages that need JavaScript. */
  FIRECRAWL_API_KEY: key(),
  /** Another endpoint that speaks Firecrawl's API. */
  NOVA_FIRECRAWL_URL: z.url().default('https://api.firecrawl.dev'),
  /** Sent to the GitHub hosts only; private repositories and a higher rate. */
  GITHUB_TOKEN: key(),
  /** GitHub's REST API. */
  NOVA_GITHUB_API_URL: z.url().default('https://api.github.com'),
  /** Where repository archives come from. */
  NOVA_GITHUB_ARCHIVE_URL: z.url().default('https://codeload.github.com'),
  /** Where raw files come from. */
  NOVA_GITHUB_RAW_URL: z.url().default('https://raw.githubusercontent.com'),
  /** Where video data comes from. */
  NOVA_YOUTUBE_URL: z.url().default('https://www.youtube.com'),

  /** Exceptions to the rule that only public addresses are fetched: exact `host:port`, or
   * `host:port=address:port` to dial another address for that host. Comma separated. */
  NOVA_FETCH_ALLOW: fetchAllow,
  /** Seconds one fetch may take in all. */
  NOVA_FETCH_TIMEOUT: count(1, 300, 30),
  /** Megabytes one answer may have after decompression. */
  NOVA_FETCH_MEGABYTES: count(1, 200, 20),
  /** Fetches in flight at once, over all hosts. */
  NOVA_FETCH_CONCURRENCY: count(1, 64, 8),
  /** Fetches in flight at once per host. */
  NOVA_FETCH_PER_HOST: count(1, 16, 2),
  /** How Nova names itself to sites and in robots.txt. */
  NOVA_USER_AGENT: z
    .string()
    .regex(/^[\x20-\x7e]+$/, 'may hold printable ASCII characters only')
    .default('NovaResearch/0.1 (+https://github.com/nova-research/nova; research on request)'),

  /** Test only: mounts the fixture tools of the MCP conformance suite. Refused beyond loopback. */
  NOVA_CONFORMANCE_FIXTURES: flag(),
})

/** Every setting, parsed; names are the environment's. */
export type Config = z.infer<typeof settings> & { NOVA_DATA_DIR: string }

/** The names of all settings, in the order in which they are documented.
 * @internal Tests go through them. */
export const settingNames = Object.keys(settings.shape)

/** Reads settings from an environment. An empty variable counts as unset, as in a blank `.env` line. */
export function parseConfig(
  environment: Record<string, string | undefined> = process.env,
): { ok: true; config: Config } | { ok: false; problem: string } {
  const present = Object.fromEntries(
    Object.entries(environment).filter(([, value]) => value !== undefined && value !== ''),
  )
  const parsed = settings.safeParse(present)
  if (parsed.success) {
    const NOVA_DATA_DIR = parsed.data.NOVA_DATA_DIR ?? userDataDir(environment)
    return { ok: true, config: { ...parsed.data, NOVA_DATA_DIR } }
  }
  const problem = parsed.error.issues
    .map((issue) => `${issue.path.join('.')} ${issue.message}`)
    .join('; ')
  return { ok: false, problem }
}

/** Where the platform keeps data of this user's programs; below it, Nova's. */
export function userDataDir(
  environment: Record<string, string | undefined> = process.env,
  platform: NodeJS.Platform = process.platform,
): string {
  const { HOME = homedir(), XDG_DATA_HOME = '', LOCALAPPDATA } = environment
  if (platform === 'win32') return join(LOCALAPPDATA ?? join(HOME, 'AppData', 'Local'), 'nova')
  if (platform === 'darwin') return join(HOME, 'Library', 'Application Support', 'nova')
  // The specification has relative ones ignored.
  return join(isAbsolute(XDG_DATA_HOME) ? XDG_DATA_HOME : join(HOME, '.local', 'share'), 'nova')
}

/** Where the process listens. PORT is what container platforms set, so it wins. */
export const listenPort = (config: Config): number => config.PORT ?? config.SERVER_PORT

/** Whether the server listens for this machine only. */
export const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host)
