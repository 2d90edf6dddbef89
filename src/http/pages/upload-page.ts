import { takenExtensions } from '../../sources/files/file-type.ts'
import { type Html, html } from './html.ts'
import { layout } from './layout.ts'
import { moment } from './moment.ts'

export interface UploadPage {
  /** Null: the link is for a guideline, whose article does not exist yet. */
  article: {
    title: string
    expected: readonly string[]
    missing: readonly string[]
    uploaded: readonly string[]
  } | null
  expiresAt: Date
  filesMax: number
  /** Names the upload, so that the form can be sent again when its answer was lost. */
  uploadId: string
}

/** The page behind an upload link. The form posts to the page's own address, with its id. */
export const uploadPage = (base: string, page: UploadPage): Html =>
  layout(base, {
    title: page.article ? 'Upload local files' : 'Upload your guideline',
    main: html`<section class="card narrow">
${page.article ? filesForm(page.article, page) : guidelineForm(page)}
<p class="fine">This link works once, until ${moment(page.expiresAt)}. An upload that fails does not use it up.</p>
</section>`,
  })

const submit = (
  label: string,
): Html => html`<div class="actions"><button type="submit">${label}</button></div>
<div data-progress hidden><progress max="100" value="0" aria-label="Upload"></progress><span class="fine" data-percent></span></div>
<p class="alert" role="alert" data-alert hidden></p>`

const guidelineForm = ({ uploadId }: UploadPage): Html => html`<p class="eyebrow">Step 1</p>
<h1>Upload your article guideline</h1>
<p>A Markdown file with the outline, the links and the names of the files your article builds on.</p>
<form method="post" action="?upload=${uploadId}" enctype="multipart/form-data" data-upload>
<div class="drop" data-drop>
<label for="file">Guideline file <span class="fine">.md or .txt, UTF-8, at most 1 MiB</span></label>
<input id="file" type="file" name="file" accept=".md,.markdown,.txt,text/markdown,text/plain">
</div>
<details>
<summary>or paste the text</summary>
<label for="guideline">Guideline</label>
<textarea id="guideline" name="guideline" rows="12" spellcheck="false"></textarea>
</details>
<label for="title">Title <span class="fine">optional; otherwise the guideline's own</span></label>
<input id="title" type="text" name="title" maxlength="300" autocomplete="off">
${submit('Upload guideline')}
</form>`

const filesForm = (
  article: NonNullable<UploadPage['article']>,
  { filesMax, uploadId }: UploadPage,
): Html => html`<p class="eyebrow">Local files</p>
<h1>${article.title}</h1>
${
  article.expected.length > 0
    ? html`<p>The guideline names these files:</p>
<ul class="files" data-expected>
${article.expected.map((name) => expectedFile(name, article.missing.includes(name)))}
</ul>`
    : html`<p>The guideline names no local files; you may add some all the same.</p>`
}
${
  article.uploaded.length > 0 &&
  html`<p class="fine">Uploaded so far: ${article.uploaded.length}. A file of the same name is replaced.</p>`
}
<form method="post" action="?upload=${uploadId}" enctype="multipart/form-data" data-upload>
<div class="drop" data-drop>
<label for="file">Files <span class="fine">up to ${filesMax}, 10 MB each: Markdown, text, source code, notebooks</span></label>
<input id="file" type="file" name="files" multiple required accept="${takenExtensions.map((extension) => `.${extension}`).join(',')}">
<ul class="files chosen" data-chosen aria-live="polite"></ul>
</div>
${submit('Upload files')}
</form>`

const expectedFile = (name: string, isMissing: boolean): Html =>
  html`<li class="${isMissing ? 'missing' : 'there'}" data-file="${name}"><code>${name}</code>
<span class="mark">${isMissing ? 'missing' : 'uploaded'}</span></li>`
