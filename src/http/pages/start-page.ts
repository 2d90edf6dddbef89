import { type ArticleStatus, articleStatuses } from '../../events/articles/article-status.ts'
import type { ArticleRow } from '../../projections/articles/articles.ts'
import type { AuthSettings } from '../auth/auth-settings.ts'
import { connectionLines } from '../server/connection-lines.ts'
import { copyable } from './copyable.ts'
import { type Html, html } from './html.ts'
import { layout } from './layout.ts'
import { moment } from './moment.ts'
import { statusWord } from './status-word.ts'

/** Articles that were looked for, and how. */
export interface FoundArticles {
  articles: readonly ArticleRow[]
  search: {
    q?: string | undefined
    status?: ArticleStatus | undefined
    archived?: 'true' | 'false' | undefined
    cursor?: string | undefined
  }
  /** The cursor of those that are older; null where there are none. */
  next: string | null
}

export interface StartPage {
  mcpUrl: string
  mode: AuthSettings['mode']
  /** The local user's articles; null on a server with sign-in, where a browser has no user. */
  articles: FoundArticles | null
  /** The id of the article that the form makes: sent again, the form makes no other. */
  articleId: string
}

/** Where a person begins: what this is, how to connect, and on a local server how to start at once. */
export const startPage = (base: string, page: StartPage): Html =>
  layout(base, {
    title: 'Start',
    main: html`<section class="hero">
<h1>From an article guideline to a research.md</h1>
<p class="lead">Nova reads every source your guideline names, researches what is missing in several rounds,
and hands your AI assistant one file with everything worth keeping, each piece with its source.</p>
</section>
${page.articles && startForm(base, page.articleId)}
${page.articles && articleList(base, page.articles)}
<section aria-labelledby="connect">
<h2 id="connect">Connect your assistant</h2>
<p>The MCP address of this server:</p>
${copyable('MCP address', page.mcpUrl)}
${page.mode === 'oidc' && html`<p>Your client will ask you to sign in the first time it connects.</p>`}
${page.mode === 'token' && html`<p>Put the server's access token where the lines say YOUR_ACCESS_TOKEN.</p>`}
<div class="columns">
${connectionLines(page.mcpUrl, page.mode).map(
  (line) => html`<div class="card">
<h3>${line.client}</h3>
<p class="fine">${line.where}</p>
${copyable(`the lines for ${line.client}`, line.lines)}
${line.oneClick && html`<p><a href="${line.oneClick}">Add it to ${line.client} at one click</a></p>`}
</div>`,
)}
</div>
<p>Then say: <q>Research the article guideline I am about to upload</q>, and your assistant will give you an upload
link and take it from there. <a href="${base}/openapi.json">The REST interface</a> does the same for scripts.</p>
</section>`,
  })

const startForm = (
  base: string,
  articleId: string,
): Html => html`<section class="card" aria-labelledby="upload">
<h2 id="upload">Start an article</h2>
<form method="post" action="${base}/" enctype="multipart/form-data" data-upload>
<input type="hidden" name="article_id" value="${articleId}">
<label for="file">Guideline file <span class="fine">Markdown or plain text, at most 1 MiB</span></label>
<input id="file" type="file" name="file" accept=".md,.markdown,.txt,text/markdown,text/plain">
<details>
<summary>or paste the text</summary>
<label for="guideline">Guideline</label>
<textarea id="guideline" name="guideline" rows="8" spellcheck="false"></textarea>
</details>
<label for="title">Title <span class="fine">optional; otherwise the guideline's own</span></label>
<input id="title" type="text" name="title" maxlength="300" autocomplete="off">
<div class="actions"><button type="submit">Create article</button></div>
<div data-progress hidden><progress max="100" value="0" aria-label="Upload"></progress></div>
<p class="alert" role="alert" data-alert hidden></p>
</form>
</section>`

const articleList = (base: string, { articles, search, next }: FoundArticles): Html | null => {
  const isSearch = Object.values(search).some(Boolean)
  // A person without articles needs no form to look for them.
  if (articles.length === 0 && !isSearch) return null
  return html`<section aria-labelledby="articles">
<h2 id="articles">Your articles</h2>
${searchForm(base, search)}
${articles.length === 0 && html`<p>None is like that. <a href="${base}/">Show all</a></p>`}
<ul class="list">
${articles.map(
  (article) => html`<li><a href="${base}/articles/${article.article_id}">${article.title}</a>
<span class="pill ${article.status}">${statusWord(article.status)}</span>
${article.archived_at && html`<span class="pill">Archived</span>`}
<span class="fine">${moment(article.created_at)}</span></li>`,
)}
</ul>
<p class="actions">${search.cursor && html`<a href="${base}/${queryOf({ ...search, cursor: undefined })}">Newest</a>`}
${next && html`<a rel="next" href="${base}/${queryOf({ ...search, cursor: next })}">Older articles</a>`}</p>
</section>`
}

const searchForm = (base: string, { q, status, archived }: FoundArticles['search']): Html => {
  const option = (value: string, label: string, chosen: string | undefined) =>
    html`<option value="${value}"${value === (chosen ?? '') && html` selected`}>${label}</option>`
  return html`<form method="get" action="${base}/" class="search" role="search">
<label>Title <input type="text" name="q" maxlength="200" value="${q ?? ''}"></label>
<label>State <select name="status">${option('', 'Any', status)}${articleStatuses.map((one) => option(one, statusWord(one), status))}</select></label>
<label>Archived <select name="archived">${option('', 'With the others', archived)}${option('false', 'Left out', archived)}${option('true', 'Only these', archived)}</select></label>
<button type="submit" class="quiet">Find</button>
</form>`
}

const queryOf = (search: FoundArticles['search']): string => {
  const given = Object.entries(search).flatMap(([name, value]): [string, string][] =>
    value ? [[name, value]] : [],
  )
  return given.length ? `?${new URLSearchParams(given)}` : ''
}
