import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import type pg from 'pg'
import { eraseArticle } from '../../../src/commands/articles/erase-article.ts'
import { projections } from '../../../src/projections/registry.ts'
import { drainProjection } from '../../../src/store/projections/projection-step.ts'
import { rebuildProjection } from '../../../src/store/projections/rebuild-projection.ts'
import { caller, commandWorld } from '../../support/command-world.ts'
import { articleIds, researchedArticle } from '../../support/researched-article.ts'

/** The queries that the views are made for, word for word; only their schema is on the search path. */
const queries = [
  `SELECT user_id, year_month, COUNT(*) as calls
FROM tool_call_usage
GROUP BY user_id, year_month
ORDER BY year_month DESC, calls DESC;`,
  `SELECT tool_name, COUNT(*) as usage
FROM tool_call_usage
GROUP BY tool_name
ORDER BY usage DESC;`,
  `SELECT status, COUNT(*) as count
FROM articles
GROUP BY status;`,
  `SELECT user_id, COUNT(*) as calls
FROM tool_call_usage
WHERE year_month = to_char(now(), 'YYYY-MM')
GROUP BY user_id
HAVING COUNT(*) > 80 -- Assuming a limit of 100
ORDER BY calls DESC;`,
] as const

type World = Awaited<ReturnType<typeof commandWorld>>

async function filled(): Promise<World> {
  const w = await commandWorld()
  for (const user of ['ada', 'eve'] as const) await researchedArticle(w, user)
  for (const projection of projections) await drainProjection(w.database.projector, projection)
  return w
}

/** Works as a person with psql does: the role, and the views on the search path. */
async function asReader(
  w: World,
  user: string | null,
  work: (sql: pg.PoolClient) => Promise<void>,
) {
  const client = await w.database.owner.connect()
  try {
    await client.query('set role nova_reader; set search_path = nova_research')
    if (user !== null) await client.query(`set app.user_id = '${user}'`)
    await work(client)
  } finally {
    client.release(true)
  }
}

const views = [
  'articles',
  'sources',
  'research_queries',
  'local_files',
  'scraped_urls',
  'github_ingests',
  'youtube_transcripts',
  'scraped_research_urls',
  'tool_call_usage',
]

describe('the views of nova_research', () => {
  it('tell all of an article, bodies as text', async () => {
    await using w = await filled()
    await asReader(w, 'ada', async (sql) => {
      const { rows } = await sql.query('select * from articles')
      const [{ created_at: _created, updated_at: _updated, ...told }] = rows
      assert.deepEqual(told, {
        id: articleIds.ada,
        user_id: 'ada',
        title: 'Of ada',
        guideline_text: '# The guideline of ada',
        status: 'completed',
        extracted_urls: {
          github_urls: ['https://github.com/a/b'],
          youtube_videos_urls: ['https://youtu.be/abcdefghijk'],
          other_urls: ['https://a.example/page'],
          local_files: ['notes.md'],
        },
        perplexity_results: '## Query 1: What is it?\n\nThe answer of ada',
        perplexity_results_selected: '- [Title 5](https://b.example/kept)\n  A snippet',
        urls_to_scrape_from_research: 'https://b.example/kept',
        research: '# Research of ada',
      })
      const parts = {
        local_files: ['filename', 'notes.md', 'content', 'notes of ada'],
        scraped_urls: ['url', 'https://a.example/page', 'content', 'The page of ada'],
        github_ingests: [
          'github_url',
          'https://github.com/a/b',
          'gitingest_result',
          'The repository of ada',
        ],
        youtube_transcripts: [
          'youtube_url',
          'https://youtu.be/abcdefghijk',
          'transcription',
          'The captions of ada',
        ],
        scraped_research_urls: ['url', 'https://b.example/kept', 'content', 'The kept page of ada'],
      }
      for (const [view, [key = '', name, text = '', body]] of Object.entries(parts)) {
        const { rows: found } = await sql.query(
          `select user_id, article_guideline_id, ${key}, ${text} from ${view}`,
        )
        const expected = {
          user_id: 'ada',
          article_guideline_id: articleIds.ada,
          [key]: name,
          [text]: body,
        }
        assert.deepEqual(found, [expected], view)
      }
    })
  })

  it('tell of every source whether it was read and kept, and why', async () => {
    await using w = await filled()
    await asReader(w, 'ada', async (sql) => {
      const { rows } = await sql.query(
        `select source, origin, url, state, decision, decision_reason, chosen_reason
         from sources where article_guideline_id = $1 order by source`,
        [articleIds.ada],
      )
      assert.deepEqual(
        rows.map((row) => Object.values(row)),
        [
          [1, 'guideline', 'https://a.example/page', 'scraped', null, null, null],
          [2, 'guideline', 'https://github.com/a/b', 'scraped', null, null, null],
          [3, 'guideline', 'https://youtu.be/abcdefghijk', 'scraped', null, null, null],
          [4, 'file', 'notes.md', 'scraped', null, null, null],
          [5, 'research', 'https://b.example/kept', 'scraped', 'kept', 'good', 'best'],
          [6, 'research', 'https://c.example/not', 'pending', 'rejected', 'bad', null],
        ],
      )
    })
  })

  it('answer the queries they are made for, over all users', async () => {
    await using w = await filled()
    await asReader(w, '*', async (sql) => {
      const answers = []
      for (const query of queries) answers.push((await sql.query(query)).rows)
      const year_month = new Date().toISOString().slice(0, 7)
      const [calls = [], tools, states, near] = answers
      assert.deepEqual(
        calls.toSorted((a, b) => (a.user_id < b.user_id ? -1 : 1)),
        [
          { user_id: 'ada', year_month, calls: 1 },
          { user_id: 'eve', year_month, calls: 1 },
        ],
      )
      assert.deepEqual(tools, [{ tool_name: 'get_article', usage: 2 }])
      assert.deepEqual(states, [{ status: 'completed', count: 2 }])
      assert.deepEqual(near, [])
    })
  })

  it('show a user nothing of another, nobody without a setting, also after a rebuild', async () => {
    await using w = await filled()
    for (const projection of projections) await rebuildProjection(w.database, projection)
    for (const view of views) {
      await asReader(w, 'ada', async (sql) => {
        const { rows } = await sql.query(`select distinct user_id from ${view}`)
        assert.deepEqual(rows, [{ user_id: 'ada' }], view)
      })
      await asReader(w, null, async (sql) => {
        assert.equal((await sql.query(`select from ${view}`)).rowCount, 0, view)
      })
    }
    await asReader(w, '*', async (sql) => {
      await assert.rejects(sql.query('select from nova.api_tokens'), { code: '42501' })
      await assert.rejects(sql.query('delete from nova.contents'), { code: '42501' })
    })
  })

  it('are closed to the service', async () => {
    await using w = await filled()
    for (const view of views) {
      await assert.rejects(w.database.app.query(`select from nova_research.${view}`), {
        code: '42501',
      })
    }
  })

  it('hold nothing of an erased article', async () => {
    await using w = await filled()
    await eraseArticle(w.deps, caller('ada'), { articleId: articleIds.ada })
    for (const projection of projections) await drainProjection(w.database.projector, projection)
    await asReader(w, 'ada', async (sql) => {
      for (const view of views.filter((name) => name !== 'tool_call_usage')) {
        assert.equal((await sql.query(`select from ${view}`)).rowCount, 0, view)
      }
    })
  })

  it('are documented by statements that run', async () => {
    await using w = await filled()
    const page = readFileSync(join(import.meta.dirname, '../../../docs/sql-views.md'), 'utf8')
    const [, example = ''] = /```sql\n([\s\S]+?)```/.exec(page) ?? []
    const client = await w.database.owner.connect()
    try {
      await client.query(example)
    } finally {
      client.release(true)
    }
    for (const view of views) assert.match(page, new RegExp(`\`${view}\``), view)
  })
})
