import { type Config, listenPort } from '../config.ts'
import { type CliCommand, UsageError } from './command.ts'
import { openStore } from './setup/open-store.ts'

/** A browser's way to the numbers over all users, for administrators who may open the database. */
export const analytics: CliCommand = {
  name: 'analytics',
  usage: 'link',
  summary: 'Make a link to the page of numbers over all users',
  details: [
    'A browser has no token to send, so the link is the permission: who has it sees the page, for fifteen',
    'minutes. It needs the settings of the server: its SERVER_URL, its keys, its database.',
  ],
  positionals: { min: 1, max: 1 },
  options: {},
  async run(call) {
    if (call.positionals[0] !== 'link') {
      throw new UsageError(
        'nova analytics takes `link`.',
        `Usage: nova analytics ${analytics.usage}`,
      )
    }
    const config = call.settings()
    const [{ grantAnalyticsLink }, { linkKeys }] = await Promise.all([
      import('../commands/links/analytics-link.ts'),
      import('../compose/compose-link-keys.ts'),
    ])
    await using store = await openStore(config)
    const links = { keys: linkKeys(config), serverUrl: () => serverUrl(config) }
    const { url, expiresAt } = await grantAnalyticsLink(
      { ...store.deps, links },
      { userId: 'local', metadata: { actor: 'cli' } },
    )
    call.terminal.print(url)
    call.terminal.complain(`Until ${expiresAt.toISOString()}, for everybody who has it.`)
    return 0
  },
}

const serverUrl = (config: Config): string =>
  config.SERVER_URL?.replace(/\/+$/, '') ?? `http://${config.SERVER_HOST}:${listenPort(config)}`
