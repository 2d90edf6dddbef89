import { type CliCommand, UsageError } from './command.ts'
import { openStore } from './setup/open-store.ts'

/** What only whoever may open the database does to an article. */
export const articles: CliCommand = {
  name: 'articles',
  usage: 'erase ARTICLE_ID [--user USER] --yes',
  summary: 'Erase an article: its texts and personal data, for good',
  details: [
    'Its bodies and what its events say of people and pages are gone; that they happened, with ids, sizes',
    'and times, stays and verifies. Exports, archives and backups made before still hold the article.',
  ],
  positionals: { min: 2, max: 2 },
  options: {
    user: { type: 'string', value: 'USER', help: 'Whose article: default local' },
    yes: { type: 'boolean', help: 'Erase without asking; it cannot be undone' },
  },
  async run(call) {
    const [action, articleId = ''] = call.positionals
    if (action !== 'erase') throw new UsageError('nova articles takes `erase` and an article id.')
    if (!call.flag('yes')) {
      throw new UsageError(
        'Erasing cannot be undone.',
        `Add --yes: nova articles erase ${articleId} --yes`,
      )
    }
    const { eraseArticle } = await import('../commands/articles/erase-article.ts')
    await using store = await openStore(call.settings())
    const caller = {
      userId: call.option('user') ?? 'local',
      metadata: { actor: 'cli' as const },
    }
    const erased = await eraseArticle(store.deps, caller, { articleId })
    for (const name of ['articles', 'article_sources', 'operations']) await store.project(name)
    call.terminal.print(
      `Erased: ${erased.events} events and ${erased.contents} bodies; bodies of the last minutes follow.`,
    )
    return 0
  },
}
