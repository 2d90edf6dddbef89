import { type CliCall, type CliCommand, UsageError } from './command.ts'
import { openStore } from './setup/open-store.ts'

/** What an administrator, who may open the database, does to an article. */
export const articles: CliCommand = {
  name: 'articles',
  usage: 'rename ARTICLE_ID TITLE | archive | unarchive | erase ARTICLE_ID [--user USER] [--yes]',
  summary: 'Rename or archive an article, take it back, or erase its texts for good',
  details: [
    'An archived article can be read and takes no more work; unarchive takes it back. Erasing needs --yes: its',
    'bodies and what its events say of people and pages are gone. That they happened, with ids, sizes and times,',
    'stays and verifies. Exports, archives and backups made before still hold the article.',
  ],
  positionals: { min: 2, max: 3 },
  options: {
    user: { type: 'string', value: 'USER', help: 'Whose article: default local' },
    yes: { type: 'boolean', help: 'Erase without asking; it cannot be undone' },
  },
  async run(call) {
    const [action, articleId = '', title] = call.positionals
    if (action === 'rename') return await rename(call, { articleId, title: title ?? '' })
    if (title !== undefined) throw new UsageError('nova articles takes one article id.')
    if (action === 'archive' || action === 'unarchive') {
      return await archive(call, { articleId, archived: action === 'archive' })
    }
    if (action === 'erase') return await erase(call, articleId)
    throw new UsageError(
      'nova articles takes `rename`, `archive`, `unarchive` or `erase`, and an article id.',
    )
  },
}

const callerOf = (call: CliCall) => ({
  userId: call.option('user') ?? 'local',
  metadata: { actor: 'cli' as const },
})

async function rename(
  call: CliCall,
  command: { articleId: string; title: string },
): Promise<number> {
  if (command.title.trim() === '') {
    throw new UsageError(
      'The new title is missing.',
      `nova articles rename ${command.articleId} "A title"`,
    )
  }
  const { renameArticle } = await import('../commands/articles/rename-article.ts')
  await using store = await openStore(call.settings())
  const { article } = await renameArticle(store.deps, callerOf(call), command)
  await store.project('articles')
  call.terminal.print(`Article ${article.articleId} is called ${article.title}`)
  return 0
}

async function archive(
  call: CliCall,
  command: { articleId: string; archived: boolean },
): Promise<number> {
  const { archiveArticle } = await import('../commands/articles/archive-article.ts')
  await using store = await openStore(call.settings())
  const { article, appended } = await archiveArticle(store.deps, callerOf(call), command)
  await store.project('articles')
  const before = appended ? '' : ' already'
  call.terminal.print(
    command.archived
      ? `Article ${article.articleId} is archived${before}.`
      : `Article ${article.articleId} takes work${before || ' again'}.`,
  )
  return 0
}

async function erase(call: CliCall, articleId: string): Promise<number> {
  if (!call.flag('yes')) {
    throw new UsageError(
      'Erasing cannot be undone.',
      `Add --yes: nova articles erase ${articleId} --yes`,
    )
  }
  const { eraseArticle } = await import('../commands/articles/erase-article.ts')
  await using store = await openStore(call.settings())
  const erased = await eraseArticle(store.deps, callerOf(call), { articleId })
  for (const name of ['articles', 'article_sources', 'operations']) await store.project(name)
  call.terminal.print(
    `Erased: ${erased.events} events and ${erased.contents} bodies; bodies of the last minutes follow.`,
  )
  return 0
}
