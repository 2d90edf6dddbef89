import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createArticle } from '../../src/commands/articles/create-article.ts'
import { eraseArticle } from '../../src/commands/articles/erase-article.ts'
import { extractUrls } from '../../src/commands/articles/extract-urls.ts'
import { generateQueries } from '../../src/commands/articles/generate-queries.ts'
import { uploadLocalFiles } from '../../src/commands/articles/upload-local-files.ts'
import { issueLink, throughLink } from '../../src/commands/links/use-link.ts'
import { issueApiToken } from '../../src/commands/people/issue-api-token.ts'
import { startOperation } from '../../src/commands/runs/start-operation.ts'
import { assignPlan } from '../../src/commands/usage/assign-plan.ts'
import { admitToolCall, settleToolCall } from '../../src/commands/usage/tool-calls.ts'
import { isOutcomeUnknown } from '../../src/errors.ts'
import { caller, commandWorld } from '../support/command-world.ts'
import type { Fate } from '../support/faulty-wire.ts'
import { assertInvariants } from '../support/invariants.ts'
import { limits } from '../support/limits.ts'
import { wiredDatabase } from '../support/wired-database.ts'

const ada = caller('ada')
const use = { linkId: 'link1', rootId: 'link1', through: { uploads: 5, bytesMax: 1000 } }

async function world() {
  const db = await wiredDatabase()
  const w = await commandWorld(db)
  const guideline = Buffer.from('# Ants\n\nhttps://a.example/1')
  const { articleId } = await createArticle(w.deps, ada, { guideline })
  await extractUrls(w.deps, ada, { articleId })
  const expiresAt = new Date('2026-05-01T13:00:00.000Z')
  await issueLink(w.deps, ada, { linkId: 'link1', purpose: 'upload_files', articleId, expiresAt })
  const admit = (callId: string) =>
    admitToolCall(w.deps, ada, { callId, tool: 'get_article', articleId, defaults: limits() })
  const call = await admit('before')
  const count = async (type: string) => {
    const counted = await db.direct.owner.query('select from nova.events where type = $1', [type])
    return counted.rowCount
  }
  return { ...w, direct: db.direct, wire: db.wire, articleId, admit, call, count }
}

type World = Awaited<ReturnType<typeof world>>

/** What is done, by which statement, and the event that must be there once. */
interface Change {
  statement: string
  type: string
  make: (w: World) => Promise<unknown>
}

const file = { name: 'a.md', bytes: Buffer.from('# A') }
const files = [file]

const changes: Readonly<Record<string, Change>> = {
  'an article': {
    statement: 'nova_append_one',
    type: 'ArticleCreated',
    make: async ({ deps }) => {
      const created = await createArticle(deps, caller('ben'), { guideline: Buffer.from('# Bees') })
      assert.ok(created.created)
    },
  },
  'a round of queries': {
    statement: 'nova_append_one',
    type: 'QueriesGenerated',
    make: async ({ deps, articleId }) => {
      const command = { articleId, count: 3 }
      const { round } = await generateQueries({ ...deps, model: null }, ada, command)
      assert.equal(round, 1)
    },
  },
  'the start of an operation': {
    statement: 'nova_append_one_operations_max',
    type: 'OperationStarted',
    make: async ({ deps, articleId }) => {
      const started = await startOperation(deps, ada, {
        articleId,
        tool: 'scrape_and_clean_other_urls',
        operationId: 'call1',
        month: '2026-05',
        weight: 1,
        // One is all that fits: its own must not count against it.
        operationsMax: 1,
      })
      assert.deepEqual([started.operation?.id, started.joined], ['call1', false])
    },
  },
  'several events at once': {
    statement: 'nova_append',
    type: 'LocalFileUploaded',
    make: ({ deps, articleId }) =>
      uploadLocalFiles(deps, ada, { articleId, files: [...files, { ...file, name: 'b.md' }] }),
  },
  'an upload through a link': {
    statement: 'nova_append_streams',
    type: 'LinkUsed',
    make: ({ deps, articleId }) =>
      throughLink(deps, ada, use, (linked) => uploadLocalFiles(linked, ada, { articleId, files })),
  },
  'an API token': {
    statement: 'nova_append_one',
    type: 'ApiTokenIssued',
    make: ({ deps }) =>
      issueApiToken(deps, ada, { name: 'script', scopes: ['nova:read'], expiresAt: null }),
  },
  'a plan': {
    statement: 'nova_append_one',
    type: 'PlanAssigned',
    make: ({ deps }) =>
      assignPlan(deps, ada, {
        ...limits({ callsPerMonth: 5 }),
        weights: {},
        assignedBy: null,
      }),
  },
  'the admission of a call': {
    statement: 'nova_admit',
    type: 'ToolCalled',
    make: async ({ admit }) => {
      const call = await admit('call1')
      assert.deepEqual([call.callId, call.weight, call.limit], ['call1', 1, 0])
    },
  },
  'the end of a call': {
    statement: 'nova_append_call_open',
    type: 'ToolCallRefunded',
    make: ({ deps, call }) =>
      settleToolCall(deps, ada, call, {
        outcome: 'refused',
        code: 'ARTICLE_NOT_FOUND',
        itemsOk: 0,
        itemsFailed: 0,
        durationMs: 1,
        costUsd: null,
        refund: 'refused',
      }),
  },
  'the erasing of an article': {
    statement: 'nova.erase_article',
    type: 'ArticleErased',
    make: async ({ deps, articleId }) => {
      assert.equal((await eraseArticle(deps, ada, { articleId })).events, 2)
    },
  },
  'a body that is stored': {
    statement: 'put_content',
    type: 'LocalFileUploaded',
    make: ({ deps, articleId }) => uploadLocalFiles(deps, ada, { articleId, files }),
  },
}

/** Cuts the connection at the first request that holds the words; the others pass. */
function cutOnce({ wire }: World, words: string, fate: Fate) {
  let cuts = 0
  // Ends with NUL on the wire, so that one statement's name is not taken for another's beginning.
  const name = new RegExp(`${words.replace('.', '\\.')}(\\0|\\()`)
  wire.decide = (request) => (name.test(request) && cuts++ === 0 ? fate : 'pass')
  return () => cuts
}

describe('a connection that breaks, told apart by looking', { concurrency: 2 }, () => {
  for (const [name, { statement, type, make }] of Object.entries(changes)) {
    for (const fate of ['unsent', 'unanswered'] as const) {
      it(`${fate === 'unsent' ? 'before' : 'after'} the commit of ${name}: answered as done, and done once`, async () => {
        await using w = await world()
        const before = Number(await w.count(type))
        const cuts = cutOnce(w, statement, fate)
        await make(w)
        assert.ok(cuts() > 0, 'the connection was cut')
        const several = name === 'several events at once' ? 2 : 1
        assert.equal(await w.count(type), before + several)
        await assertInvariants(w.direct, [], { queue: false })
      })
    }
  }

  it('and a database that stays away: refused with the words that it is not known', async () => {
    await using w = await world()
    let isAway = false
    w.wire.decide = (request) => {
      if (isAway) return 'unsent'
      isAway = request.includes('nova_append_one')
      return isAway ? 'unanswered' : 'pass'
    }
    const command = { guideline: Buffer.from('# Bees') }
    await assert.rejects(createArticle(w.deps, caller('ben'), command), (error) => {
      assert.ok(isOutcomeUnknown(error), String(error))
      assert.match(error.message, /not known/)
      assert.doesNotMatch(`${error.message} ${error.hint}`, /nothing was changed/i)
      assert.ok(error.retryable)
      return true
    })
    assert.equal(await w.count('ArticleCreated'), 2)
  })

  it('and an upload that stays unknown: never told that its link is used, though it is by itself', async () => {
    await using w = await world()
    let appends = 0
    w.wire.decide = (request) => {
      if (!request.includes('nova_append_streams')) return 'pass'
      return appends++ === 0 ? 'unanswered' : 'unsent'
    }
    const uploaded = changes['an upload through a link']?.make(w)
    await assert.rejects(uploaded ?? assert.fail(), (error) => isOutcomeUnknown(error))
    assert.equal(await w.count('LinkUsed'), 1)
  })

  it('and a change that another one came before meanwhile: decided anew, and not taken for its own', async () => {
    await using w = await world()
    let others: Promise<unknown> | undefined
    let isDone = false
    w.wire.decide = (request) =>
      request.includes('nova_append_one') && !isDone ? 'unsent' : 'pass'
    w.wire.onCut = () => {
      // Around the wire, at the version that the lost one was decided on.
      others ??= w.direct.owner
        .query(
          `select nova.append_one('ada', $1, 2, null, 'other', 'ArticleArchived', 1::smallint, $2, '{"actor": "user"}')`,
          [`article-${w.articleId}`, { archived_at: '2026-05-01T12:00:00.000Z' }],
        )
        .then(() => {
          isDone = true
        })
    }
    const planned = generateQueries({ ...w.deps, model: null }, ada, {
      articleId: w.articleId,
      count: 3,
    })
    await assert.rejects(planned, /archived/)
    await others
    assert.ok(isDone)
    assert.equal(await w.count('QueriesGenerated'), 0)
  })
})
