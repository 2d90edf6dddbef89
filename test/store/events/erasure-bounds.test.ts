import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { loadArticle } from '../../../src/commands/articles/article-stream.ts'
import { createArticle } from '../../../src/commands/articles/create-article.ts'
import { eraseArticle } from '../../../src/commands/articles/erase-article.ts'
import { articleId } from '../../support/article-facts.ts'
import { caller, commandWorld } from '../../support/command-world.ts'

const [ada, eve] = [caller('ada'), caller('eve')]

describe('what an erasure reaches', { concurrency: true }, () => {
  it('ends at its user, also when another has an article of the same id', async () => {
    await using w = await commandWorld()
    for (const user of [ada, eve]) {
      const guideline = Buffer.from(`# Of ${user.userId}`)
      await createArticle(w.deps, user, { articleId, guideline })
    }
    await w.database.owner.query(`update nova.contents set put_at = put_at - interval '1 day'`)
    const erased = await eraseArticle(w.deps, ada, { articleId })
    assert.deepEqual([erased.events, erased.contents], [1, 1])
    const { article } = await loadArticle(w.deps.store, 'eve', articleId)
    assert.equal(article.title, 'Of eve')
    assert.equal(await w.deps.contents.text('eve', article.guideline.sha256), '# Of eve')
  })

  it('is swept of its own late bodies only', async () => {
    await using w = await commandWorld()
    const { owner, projector } = w.database
    await createArticle(w.deps, ada, { articleId, guideline: Buffer.from('# A') })
    await eraseArticle(w.deps, ada, { articleId })
    const put = (user: string, text: string) => w.deps.contents.put(user, text, 'text/markdown')
    const late = await put('ada', 'late')
    const early = await put('ada', 'long before')
    const others = await put('eve', 'of another user')
    await owner.query(
      `update nova.contents set put_at = now() - case sha256 when $1 then interval '3 hours'
         else interval '11 minutes' end`,
      [early.sha256],
    )
    await owner.query(`
      set session_replication_role = replica;
      update nova.events set recorded_at = now() - interval '11 minutes';
      set session_replication_role = default`)
    await projector.query('select nova.sweep_contents()')
    await assert.rejects(w.deps.contents.get('ada', late.sha256), /is missing/)
    assert.equal(await w.deps.contents.text('ada', early.sha256), 'long before')
    assert.equal(await w.deps.contents.text('eve', others.sha256), 'of another user')
  })

  it('takes a reason that somebody wrote, and leaves a code of ours', async () => {
    await using w = await commandWorld()
    const erased = async (type: string, data: object) => {
      const { rows } = await w.database.owner.query<{ data: unknown }>(
        'select nova.erased_data($1, $2) as data',
        [type, JSON.stringify(data)],
      )
      return rows[0]?.data
    }
    const decided = { decisions: [{ source: 1, keep: false, reason: 'Eleonora wrote it.' }] }
    assert.deepEqual(await erased('SourcesSelected', decided), {
      decisions: [{ source: 1, keep: false, reason: 'ERASED' }],
    })
    const failed = { source: 1, url: 'https://a.example/', reason: 'TIMEOUT' }
    assert.deepEqual(await erased('SourceFailed', failed), { ...failed, url: 'ERASED' })
  })
})
