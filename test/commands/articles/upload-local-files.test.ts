import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { archiveArticle } from '../../../src/commands/articles/archive-article.ts'
import { loadArticle } from '../../../src/commands/articles/article-stream.ts'
import { createArticle } from '../../../src/commands/articles/create-article.ts'
import { extractUrls } from '../../../src/commands/articles/extract-urls.ts'
import {
  decideUploadLocalFiles,
  filesOfUpload,
  localFilesMax,
  missingFiles,
  uploadLocalFiles,
} from '../../../src/commands/articles/upload-local-files.ts'
import { Refusal, type RefusalCode } from '../../../src/errors.ts'
import { LocalFileUploaded } from '../../../src/events/articles/article-events.ts'
import {
  articleAfter,
  articleSpec,
  at,
  created,
  extracted,
  now,
  ref,
} from '../../support/article-facts.ts'
import { caller, commandWorld } from '../../support/command-world.ts'

const file = (name: string, n: number) => ({ name, original: ref(n), markdown: ref(n + 1) })
const uploaded = (source: number, name: string, n: number) =>
  LocalFileUploaded({ source, ...file(name, n), uploaded_at: at })
const isRefusal = (code: RefusalCode) => (error: unknown) =>
  error instanceof Refusal && error.code === code
const ada = caller('ada')

describe('upload local files', { concurrency: true }, () => {
  const given = articleSpec(decideUploadLocalFiles)

  it('numbers files after everything that has a number', () => {
    given(created, extracted)
      .when({ files: [file('notes.md', 10), file('model.py', 20)], now })
      .thenEvents(uploaded(5, 'notes.md', 10), uploaded(6, 'model.py', 20))
  })

  it('replaces a file of the same name under its number', () => {
    given(created, uploaded(1, 'notes.md', 10))
      .when({ files: [file('notes.md', 30)], now })
      .thenEvents(uploaded(1, 'notes.md', 30))
  })

  it('adds nothing for the same bytes again', () => {
    given(created, uploaded(1, 'notes.md', 10))
      .when({ files: [file('notes.md', 10)], now })
      .thenNothing()
  })

  it('takes the last of two files with one name', () => {
    given(created)
      .when({ files: [file('notes.md', 10), file('notes.md', 20)], now })
      .thenEvents(uploaded(1, 'notes.md', 20))
  })

  it('takes all files or none', async () => {
    await using w = await commandWorld()
    const guideline = Buffer.from('# Ledgers\n\nSee `notes.md` and `model.py`.')
    const { articleId } = await createArticle(w.deps, ada, { guideline })
    await extractUrls(w.deps, ada, { articleId })
    const good = { name: 'notes.md', bytes: Buffer.from('# Notes') }
    const zip = { name: 'model.py', bytes: Buffer.from('PK\u0003\u0004 not a script') }
    const both = uploadLocalFiles(w.deps, ada, { articleId, files: [good, zip] })
    await assert.rejects(both, isRefusal('FILE_NOT_WHAT_IT_SAYS'))
    const { article } = await loadArticle(w.deps.store, 'ada', articleId)
    assert.deepEqual(missingFiles(article).toSorted(), ['model.py', 'notes.md'])
    const after = await uploadLocalFiles(w.deps, ada, { articleId, files: [good] })
    assert.deepEqual(missingFiles(after.article), ['model.py'])
  })

  it('refuses none and too many at once', async () => {
    await using w = await commandWorld()
    const { articleId } = await createArticle(w.deps, ada, { guideline: Buffer.from('# Ledgers') })
    await assert.rejects(
      uploadLocalFiles(w.deps, ada, { articleId, files: [] }),
      isRefusal('FILES_MISSING'),
    )
    const files = Array.from({ length: localFilesMax + 1 }, (_, n) => ({
      name: `${n}.md`,
      bytes: Buffer.from('x'),
    }))
    await assert.rejects(
      uploadLocalFiles(w.deps, ada, { articleId, files }),
      isRefusal('FILES_TOO_MANY'),
    )
    const most = await uploadLocalFiles(w.deps, ada, { articleId, files: files.slice(1) })
    assert.equal(most.files.length, 50)
  })

  it('finds the files of one upload, and not those of another', async () => {
    await using w = await commandWorld()
    const { articleId } = await createArticle(w.deps, ada, { guideline: Buffer.from('# Ledgers') })
    const upload = (uploadId: string, name: string) =>
      uploadLocalFiles(
        w.deps,
        { ...ada, metadata: { ...ada.metadata, correlation_id: uploadId } },
        { articleId, files: [{ name, bytes: Buffer.from(name) }] },
      )
    await upload('first', 'notes.md')
    await upload('second', 'model.py')
    const found = (uploadId: string) => filesOfUpload(w.deps, 'ada', { articleId, uploadId })
    assert.deepEqual(await found('first'), [{ name: 'notes.md', size: 8 }])
    assert.deepEqual(await found('second'), [{ name: 'model.py', size: 8 }])
    assert.deepEqual(await found('third'), [])
  })

  it('stores nothing for an article that is not there or takes no more', async () => {
    await using w = await commandWorld()
    const files = [{ name: 'notes.md', bytes: Buffer.from('# Notes') }]
    const unknown = uploadLocalFiles(w.deps, ada, { articleId: w.deps.newId(), files })
    await assert.rejects(unknown, isRefusal('ARTICLE_NOT_FOUND'))
    assert.equal((await w.deps.contents.kept('ada')).bytes, 0)
    const { articleId } = await createArticle(w.deps, ada, { guideline: Buffer.from('# Ledgers') })
    await archiveArticle(w.deps, ada, { articleId, archived: true })
    const { bytes } = await w.deps.contents.kept('ada')
    const late = uploadLocalFiles(w.deps, ada, { articleId, files })
    await assert.rejects(late, isRefusal('ARTICLE_ARCHIVED'))
    assert.equal((await w.deps.contents.kept('ada')).bytes, bytes)
  })

  it('finds a file that the guideline spells in other letters', () => {
    const names = { ...extracted, data: { ...extracted.data, local_files: ['Notes.md', 'b.MD'] } }
    const spelled = articleAfter(created, names, uploaded(5, 'notes.MD', 10))
    assert.deepEqual(missingFiles(spelled), ['b.MD'])
  })
})
