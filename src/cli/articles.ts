import { type CliCall, type CliCommand, UsageError } from './command.ts'
import { openStore } from './setup/open-store.ts'

/** What an administrator, who may open the database, does to an article. */
export const articles: CliCommand = {
  name: 'articles',
  usage: 'list | show | download | rename | archive | unarchive | erase [ARTICLE_ID] [TITLE]',
  summary: 'List, show, download, rename, archive or erase articles',
  details: [
    '`list` says the ids. `download` writes research.md, to the file that -o names. `rename` takes the new title.',
    'An archived article can be read and takes no more work; unarchive takes it back. Erasing needs --yes: its',
    'bodies and what its events say of people and pages are gone. That they happened, with ids, sizes and times,',
    'stays and verifies. Exports, archives and backups made before still hold the article.',
  ],
  positionals: { min: 1, max: 3 },
  options: {
    user: { type: 'string', value: 'USER', help: 'Whose article: default local' },
    limit: { type: 'string', value: 'N', help: 'How many `list` shows, newest first; default 50' },
    output: { type: 'string', short: 'o', value: 'FILE', help: 'Where `download` writes' },
    yes: { type: 'boolean', help: 'Erase without asking; it cannot be undone' },
  },
  async run(call) {
    const [action, articleId, title] = call.positionals
    const { userId } = callerOf(call)
    if (action === 'list' && articleId === undefined) {
      const { listArticles } = await import('./articles/list-articles.ts')
      return await listArticles(call, userId)
    }
    if (articleId === undefined) throw new UsageError(takes)
    if (action === 'rename') return await rename(call, { articleId, title: title ?? '' })
    if (title !== undefined) throw new UsageError('nova articles takes one article id.')
    switch (action) {
      case 'show': {
        const { showArticle } = await import('./articles/show-article.ts')
        return await showArticle(call, userId, articleId)
      }
      case 'download': {
        const { downloadArticle } = await import('./articles/download-article.ts')
        return await downloadArticle(call, userId, articleId)
      }
      case 'archive':
      case 'unarchive':
        return await archive(call, { articleId, archived: action === 'archive' })
      case 'erase':
        return await erase(call, articleId)
      default:
        throw new UsageError(takes)
    }
  },
}

const takes =
  'nova articles takes `list`, or `show`, `download`, `rename`, `archive`, `unarchive` or `erase` and an article id.'

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
