import { missingFiles } from '../../commands/articles/upload-local-files.ts'
import { openRun } from '../../commands/runs/research-run.ts'
import { openOperations } from '../../events/articles/article-operations.ts'
import type { ArticleQuery, ExistingArticle } from '../../events/articles/article-state.ts'
import { nextStep } from '../../events/articles/next-step.ts'
import { slowTools } from '../../events/articles/slow-tools.ts'
import { articleSteps } from './article-steps.ts'
import { byteSize } from './byte-size.ts'
import { type Html, html } from './html.ts'
import { layout } from './layout.ts'
import { moment } from './moment.ts'
import { researchRun } from './research-run.ts'
import { sourceTables } from './source-table.ts'
import { statusWord } from './status-word.ts'

/** Where the page's controls lead; they differ between a link and a local server. */
export interface ArticleActions {
  events: string
  download: { path: string; method: 'get' | 'post' }
  /** Posting here leads to an upload page. */
  upload: string
  /** Posting there revokes the article's links, and archives it or takes it back; only its owner may. */
  owner?: { revoke: string; archive: string; runs: string }
}

/**
 * Everything about one article for a person. The script replaces `#live` when the article changes;
 * without scripts the browser reloads while work is going on.
 */
export function articlePage(
  base: string,
  article: ExistingArticle,
  version: number,
  actions: ArticleActions,
): Html {
  const isRunning = openOperations(article).length > 0 || openRun(article)?.status === 'running'
  return layout(base, {
    title: article.title,
    ...(isRunning && { reloadSeconds: 10 }),
    main: html`<p class="sr" role="status" aria-live="polite" data-announce></p>
<div id="live" data-events="${actions.events}" data-version="${version}">
<header class="article">
<p class="eyebrow">Article</p>
<h1>${article.title}</h1>
<p class="meta"><span class="pill ${article.status}" data-status>${statusWord(article.status)}</span>
${article.archived && html`<span class="pill">Archived</span>`}
<span class="fine">since ${moment(article.createdAt)} · <code>${article.articleId}</code></span></p>
</header>
${articleSteps(article)}
${researchRun(article, actions.owner?.runs ?? null)}
${runningOperations(article)}
${nextCard(article)}
${article.compiled && researchCard(article.compiled, actions.download)}
${articleFigures(article)}
${localFiles(article, missingFiles(article), actions.upload)}
${sourceTables(article)}
${queryRounds(article)}
${actions.owner && ownerCard(article, actions.owner)}
<noscript><p><a href="">Reload this page</a> to see what has changed.</p></noscript>
</div>`,
  })
}

function nextCard(article: ExistingArticle): Html | null {
  const { tool, why } = nextStep(article)
  if (tool === null || tool === 'get_operation' || tool === 'research_article') return null
  return html`<section class="card next" aria-labelledby="next">
<h2 id="next">Next</h2>
<p>${why} Your assistant goes on with <code>${tool}</code>.</p>
</section>`
}

const researchCard = (
  compiled: NonNullable<ExistingArticle['compiled']>,
  download: ArticleActions['download'],
): Html => html`<section class="card ready" aria-labelledby="research">
<div><h2 id="research">research.md</h2>
<p class="fine">${byteSize(compiled.research.size)}, compiled ${moment(compiled.at)}</p></div>
<form method="${download.method}" action="${download.path}"><button type="submit">Download</button></form>
</section>`

const ownerCard = (
  { archived }: ExistingArticle,
  { revoke, archive }: NonNullable<ArticleActions['owner']>,
): Html => html`<section class="card" aria-labelledby="links">
<h2 id="links">Links</h2>
<p class="fine">Upload, download and watch links of this article that were given out until now stop working at once.</p>
<form method="post" action="${revoke}"><button type="submit">Revoke all links</button></form>
</section>
<section class="card" aria-labelledby="archive">
<h2 id="archive">Archive</h2>
<p class="fine">${
  archived
    ? 'The article is archived: it can be read, and takes no more work.'
    : 'An archived article can be read and takes no more work. What is running stops; nothing is lost.'
}</p>
<form method="post" action="${archive}"><button type="submit">${archived ? 'Take it back' : 'Archive the article'}</button></form>
</section>`

/** The article in numbers. */
function articleFigures(article: ExistingArticle): Html | null {
  const sources = [...article.sources.values()]
  if (sources.length === 0) return null
  const number = (test: (source: (typeof sources)[number]) => boolean) =>
    sources.filter(test).length
  const figures: [string, number][] = [
    ['sources', sources.length],
    ['read', number((source) => source.state === 'scraped')],
    ['failed', number((source) => source.state === 'failed')],
    ['queries asked', [...article.queries.values()].filter((q) => q.state !== 'waiting').length],
    ['kept', number((source) => source.decision?.keep === true)],
    ['read in full', number((source) => source.chosen !== null && source.state === 'scraped')],
  ]
  return html`<dl class="figures">
${figures.map(([label, value]) => html`<div><dt>${label}</dt><dd>${value}</dd></div>`)}
</dl>`
}

/** What is going on right now, each with how far it is. */
function runningOperations(article: ExistingArticle): Html | null {
  const running = openOperations(article)
  if (running.length === 0) return null
  return html`<section class="card working" aria-label="In progress">
${running.map((operation) => {
  const { label } = slowTools[operation.tool]
  const total = operation.items.length
  const done = operation.succeeded.length + operation.failed.length
  const failed = operation.failed.length
  return html`<div class="operation"><p><strong>${label}</strong>
<span class="fine">${done} of ${total}${failed > 0 && `, ${failed} failed`}${operation.status === 'cancelling' && ', stopping'}</span></p>
<progress max="${total}" value="${done}" aria-label="${label}"></progress></div>`
})}
</section>`
}

/** Files the guideline names and files that are there, with the way to upload more. */
function localFiles(
  article: ExistingArticle,
  missing: readonly string[],
  upload: string,
): Html | null {
  const uploaded = [...article.sources.values()].filter((source) => source.origin === 'file')
  if (missing.length === 0 && uploaded.length === 0) return null
  return html`<section aria-labelledby="files">
<h2 id="files">Local files</h2>
<ul class="files">
${missing.map((name) => html`<li class="missing"><code>${name}</code> <span class="mark">missing</span></li>`)}
${uploaded.map(
  (file) =>
    html`<li class="there"><code>${file.url}</code> <span class="mark">${byteSize(file.snapshot?.size ?? 0)}</span></li>`,
)}
</ul>
${
  !article.archived &&
  html`<form method="post" action="${upload}"><button type="submit" class="quiet">${
    missing.length > 0 ? 'Upload the missing files' : 'Upload more files'
  }</button></form>`
}
</section>`
}

/** What was asked, round by round, why, and what came of it. */
function queryRounds(article: ExistingArticle): Html | null {
  const rounds = Map.groupBy(article.queries.values(), (query) => query.round)
  if (rounds.size === 0) return null
  return html`<section aria-labelledby="queries">
<h2 id="queries">Questions asked</h2>
${[...rounds].map(
  ([round, queries]) => html`<details id="round-${round}"${round === article.rounds && html` open`}>
<summary>Round ${round} <span class="count">${queries.length}</span></summary>
<ol class="queries">
${queries.map(
  (query) => html`<li><strong>${query.query}</strong>
<span class="state ${tone[query.state]}">${outcome(query)}</span>
<span class="fine">${query.reason}</span></li>`,
)}
</ol>
</details>`,
)}
</section>`
}

const tone = { waiting: 'later', answered: 'good', failed: 'bad' } as const

function outcome(query: ArticleQuery): string {
  if (query.state === 'waiting') return 'waiting'
  if (query.state === 'failed') return 'failed'
  return `${query.found.length} ${query.found.length === 1 ? 'source' : 'sources'}`
}
