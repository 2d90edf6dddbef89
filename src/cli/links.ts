import { type CliCommand, UsageError } from './command.ts'
import { openStore } from './setup/open-store.ts'

/** Takes back what was given out: the links of an article. */
export const links: CliCommand = {
  name: 'links',
  usage: 'revoke ARTICLE_ID [--user USER]',
  summary: 'Revoke every link of an article that was given out until now',
  details: [
    'Upload, download and watch links stop working at once, at every server. New links can be asked for as',
    'before.',
  ],
  positionals: { min: 2, max: 2 },
  options: { user: { type: 'string', value: 'USER', help: 'Whose article: default local' } },
  async run(call) {
    const [action, articleId = ''] = call.positionals
    if (action !== 'revoke') throw new UsageError('nova links takes `revoke` and an article id.')
    const { revokeLinks } = await import('../commands/links/revoke-links.ts')
    await using store = await openStore(call.settings())
    const caller = {
      userId: call.option('user') ?? 'local',
      metadata: { actor: 'cli' as const },
    }
    const revoked = await revokeLinks(store.deps, caller, { articleId })
    call.terminal.print(
      `Revoked: every link of article ${revoked.articleId} that was given out until ${revoked.revokedAt.toISOString()}.`,
    )
    return 0
  },
}
