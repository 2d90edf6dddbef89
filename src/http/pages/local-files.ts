import type { ExistingArticle } from '../../events/articles/article-state.ts'
import { byteSize } from './byte-size.ts'
import { type Html, html } from './html.ts'

/** Files the guideline names and files that are there, with the way to upload more. */
export function localFiles(
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
