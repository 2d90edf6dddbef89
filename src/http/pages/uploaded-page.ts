import { byteSize } from './byte-size.ts'
import { copyable } from './copyable.ts'
import { type Html, html } from './html.ts'
import { layout } from './layout.ts'

/** What an upload brought; the JSON form of the answer has the same fields. */
export interface Uploaded {
  article_id: string
  title: string
  /** Null when the guideline was uploaded. */
  files: { name: string; size: number }[] | null
  missing_files: string[]
}

/** Says that it worked, what to tell the assistant, and where to watch. */
export function uploadedPage(base: string, uploaded: Uploaded, watchPath: string): Html {
  const { files } = uploaded
  const tell = files
    ? `I have uploaded ${files.length === 1 ? 'the file' : `${files.length} files`} for article ${uploaded.article_id}. Go on.`
    : `I have uploaded the guideline. The article id is ${uploaded.article_id}. Start the research.`
  return layout(base, {
    title: 'Uploaded',
    main: html`<section class="card narrow success" data-success>
<p class="eyebrow">Done</p>
<h1>${files ? 'Your files are here' : 'Your guideline is here'}</h1>
<p><strong>${uploaded.title}</strong></p>
${
  files &&
  html`<ul class="files">
${files.map((file) => html`<li class="there"><code>${file.name}</code> <span class="mark">${byteSize(file.size)}</span></li>`)}
</ul>`
}
${
  uploaded.missing_files.length > 0 &&
  html`<p>Still missing: ${uploaded.missing_files.map((name, index) => html`${index > 0 && ', '}<code>${name}</code>`)}.</p>`
}
<h2>Tell your assistant</h2>
${copyable('what to tell your assistant', tell)}
<h2>Article id</h2>
${copyable('article id', uploaded.article_id)}
<div class="actions"><a class="button" href="${watchPath}">Watch the research</a></div>
</section>`,
  })
}
