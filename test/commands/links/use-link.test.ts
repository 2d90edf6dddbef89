import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { loadArticle } from '../../../src/commands/articles/article-stream.ts'
import { createArticle } from '../../../src/commands/articles/create-article.ts'
import { uploadLocalFiles } from '../../../src/commands/articles/upload-local-files.ts'
import { checkLinkUnused, issueLink, throughLink } from '../../../src/commands/links/use-link.ts'
import { Refusal } from '../../../src/errors.ts'
import { caller, commandWorld } from '../../support/command-world.ts'
import { heldRows } from '../../support/held-rows.ts'

const ada = caller('ada')
const linkId = 'link1'
const use = { linkId, rootId: linkId, through: { uploads: 5, bytesMax: 1000 } }
const refused = (code: string) => (error: unknown) =>
  error instanceof Refusal && error.code === code

/** An article, an upload link of its, and an upload of one file through that link. */
async function world() {
  const w = await commandWorld()
  const { articleId } = await createArticle(w.deps, ada, { guideline: Buffer.from('# A') })
  const expiresAt = new Date('2026-05-01T13:00:00.000Z')
  await issueLink(w.deps, ada, { linkId, purpose: 'upload_files', articleId, expiresAt })
  const upload = (text: string, name = 'notes.md') =>
    throughLink(w.deps, ada, use, (linked) =>
      uploadLocalFiles(linked, ada, { articleId, files: [{ name, bytes: Buffer.from(text) }] }),
    )
  const files = async () => {
    const { article } = await loadArticle(w.deps.store, 'ada', articleId)
    return [...article.sources.values()].map(({ title }) => title)
  }
  const count = async (type: string) => {
    const counted = `select from nova.events where type = '${type}'`
    return (await w.database.owner.query(counted)).rowCount
  }
  /** Four uses, none of which the store decides on before all of them wait for it. */
  const atOnce = async <T>(use: (n: number) => Promise<T>) => {
    const gate = await heldRows(
      w.database,
      `select from nova.streams where user_id = 'ada' for update`,
    )
    const uses = Promise.allSettled([1, 2, 3, 4].map(use))
    await gate.waiting(4)
    await gate.open()
    return uses
  }
  return { ...w, articleId, upload, files, count, atOnce }
}

describe('an upload link', { concurrency: true }, () => {
  it('lets exactly one of several uploads through that all found it unused, and stores that one only', async () => {
    await using w = await world()
    const uses = await w.atOnce((n) => w.upload(`text ${n}`, `file${n}.md`))
    const lost = uses.filter((use) => use.status === 'rejected')
    assert.deepEqual(
      lost.map(({ reason }) => reason.code),
      ['LINK_USED', 'LINK_USED', 'LINK_USED'],
    )
    assert.equal((await w.files()).length, 1)
    assert.equal(await w.count('LinkUsed'), 1)
  })

  it('lets exactly one through also when what they bring is there already', async () => {
    await using w = await world()
    const files = [{ name: 'notes.md', bytes: Buffer.from('same') }]
    await uploadLocalFiles(w.deps, ada, { articleId: w.articleId, files })
    const uses = await w.atOnce(() => w.upload('same'))
    assert.equal(uses.filter(({ status }) => status === 'fulfilled').length, 1)
    assert.equal(await w.count('LinkUsed'), 1)
  })

  for (const [moment, table] of Object.entries({
    'while the files are stored': 'contents',
    'while they are recorded': 'events',
  })) {
    it(`still works after the database failed ${moment}, and nothing is half done`, async () => {
      await using w = await world()
      const { owner } = w.database
      // The link's own event goes through; what fails is what comes after it.
      const but = table === 'events' ? `when (new.type = 'LocalFileUploaded')` : ''
      await owner.query(`create function nova.fail() returns trigger language plpgsql as
        $$ begin raise 'out of memory' using errcode = '53200'; end $$;
        create trigger failing before insert on nova.${table} for each row ${but}
        execute function nova.fail()`)
      await assert.rejects(w.upload('text'), refused('DATABASE_UNAVAILABLE'))
      assert.deepEqual(await w.files(), [])
      assert.equal(await w.count('LinkUsed'), 0)
      await owner.query(`drop trigger failing on nova.${table}`)
      await w.upload('text')
      assert.deepEqual(await w.files(), ['notes.md'])
      await assert.rejects(w.upload('text'), refused('LINK_USED'))
    })
  }

  it('is not used up by looking whether it is', async () => {
    await using w = await world()
    await checkLinkUnused(w.deps, ada, use)
    await checkLinkUnused(w.deps, ada, use)
    await w.upload('text')
    await assert.rejects(checkLinkUnused(w.deps, ada, use), refused('LINK_USED'))
  })

  it('made through a link is counted there, whether or not the upload adds anything, and refused once that is spent', async () => {
    await using w = await world()
    const expiresAt = new Date('2026-05-01T13:00:00.000Z')
    const { articleId } = w
    const files = [{ name: 'notes.md', bytes: Buffer.from('same') }]
    const through = (name: string) => ({
      ...{ linkId: name, rootId: linkId, through: { uploads: 2, bytesMax: 1000 } },
    })
    for (const name of ['first', 'second', 'third']) {
      await issueLink(w.deps, ada, { linkId: name, purpose: 'upload_files', articleId, expiresAt })
    }
    // The second brings what is there already.
    for (const name of ['first', 'second']) {
      const link = through(name)
      await checkLinkUnused(w.deps, ada, link)
      await throughLink(w.deps, ada, link, (linked) =>
        uploadLocalFiles(linked, ada, { articleId, files }),
      )
    }
    assert.equal(await w.count('LocalFileUploaded'), 1)
    assert.equal(await w.count('LinkUploadCounted'), 2)
    // Said before any byte of an upload is read.
    await assert.rejects(checkLinkUnused(w.deps, ada, through('third')), refused('LINK_SPENT'))
    await checkLinkUnused(w.deps, ada, use)
  })

  it('that was never issued is no link', async () => {
    await using w = await commandWorld()
    const none = checkLinkUnused(w.deps, ada, { ...use, linkId: 'none', rootId: 'none' })
    await assert.rejects(none, refused('LINK_INVALID'))
  })
})
