import assert from 'node:assert/strict'
import { createPublicKey, generateKeyPairSync } from 'node:crypto'
import { describe, it } from 'node:test'
import { eraseArticle } from '../../../src/commands/articles/erase-article.ts'
import { Refusal } from '../../../src/errors.ts'
import { ArticleArchived, articleStream } from '../../../src/events/articles/article-events.ts'
import { projections } from '../../../src/projections/registry.ts'
import { takeOutMonth } from '../../../src/store/archives/archive-events.ts'
import { archiveLines, readArchive } from '../../../src/store/archives/archive-lines.ts'
import { bringBackMonth } from '../../../src/store/archives/bring-back-month.ts'
import { compareHeads } from '../../../src/store/archives/compare-heads.ts'
import { type StreamHead, signedHeads } from '../../../src/store/archives/heads-file.ts'
import { takeHeads } from '../../../src/store/archives/take-heads.ts'
import { verifyEvents } from '../../../src/store/archives/verify-events.ts'
import { drainProjection } from '../../../src/store/projections/projection-step.ts'
import { appendTo } from '../../support/append-to.ts'
import { commandWorld } from '../../support/command-world.ts'
import { appendOldArticle } from '../../support/old-articles.ts'

type CommandWorld = Awaited<ReturnType<typeof commandWorld>>

const keys = generateKeyPairSync('ed25519')

const at = (n: number) =>
  ArticleArchived({ archived_at: new Date(Date.UTC(2026, 0, 1, 0, 0, n)).toISOString() })
const options = { expectedVersion: 'any', metadata: { actor: 'user' } } as const
const ada = { userId: 'ada', streamId: 'article-a' }
const eve = { userId: 'eve', streamId: 'article-e' }

/** Two streams of five events, and their heads as they were kept elsewhere. */
async function signedWorld() {
  const w = await commandWorld()
  for (const stream of [ada, eve]) {
    await appendTo(w.deps.store, stream, [at(1), at(2), at(3), at(4), at(5)], options)
  }
  return { ...w, file: await heads(w), [Symbol.asyncDispose]: w[Symbol.asyncDispose] }
}

async function heads({ database }: Pick<CommandWorld, 'database'>): Promise<string[]> {
  const taken = await takeHeads(database.owner)
  return all(signedHeads(taken.taken, taken.heads, keys))
}

async function all<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const read: Item[] = []
  for await (const item of items) read.push(item)
  return read
}

async function* headsOf(heads: readonly StreamHead[]) {
  yield* heads
}

async function* linesOf(file: readonly string[]) {
  yield* file
}

const compare = (
  { database }: Pick<CommandWorld, 'database'>,
  file: readonly string[],
  trusted = [keys.publicKey],
) => compareHeads(database.owner, { path: 'heads', lines: linesOf(file), trusted })

const problemsOf = async (w: Pick<CommandWorld, 'database'>, file: readonly string[]) =>
  (await compare(w, file)).problems.map(
    ({ problem, user_id, stream_id, stream_version }) =>
      `${problem} ${user_id} ${stream_id} ${stream_version}`,
  )

/** As the owner of the database with every right: triggers are off. */
const asOwner = ({ database }: Pick<CommandWorld, 'database'>, ...statements: string[]) =>
  database.owner.query(
    `set session_replication_role = replica; ${statements.join(';')}; set session_replication_role = default`,
  )

/** Makes every hash of a stream anew, its head as well: what is stored is a whole chain again. */
const rehashed = (where: string) => `
  do $$ declare e record; v_hash bytea; begin
    for e in select * from nova.events where ${where} order by user_id, stream_id, stream_version loop
      v_hash := nova.chain_hash(
        case when e.stream_version > 1 then v_hash end,
        nova.content_hash(e.user_id, e.stream_id, e.event_id, e.type, e.schema_version, e.metadata,
          (extract(epoch from e.recorded_at) * 1000000)::bigint, sha256(convert_to(e.data::text, 'UTF8'))));
      update nova.events x set hash = v_hash, data_hash = sha256(convert_to(e.data::text, 'UTF8'))
        where x.user_id = e.user_id and x.stream_id = e.stream_id and x.stream_version = e.stream_version;
      update nova.streams s set last_hash = v_hash, version = e.stream_version
        where s.user_id = e.user_id and s.stream_id = e.stream_id;
    end loop;
  end $$`

const ofAda = `user_id = 'ada' and stream_id = 'article-a'`

/** What an owner who covers every trace does: `verify` alone finds nothing of it. */
const rewritings: readonly [name: string, statements: string[], problems: string[]][] = [
  [
    'a rewritten event with every hash made anew',
    [
      `update nova.events set data = '{"archived_at":"x"}' where ${ofAda} and stream_version = 2`,
      rehashed(ofAda),
    ],
    ['rewritten ada article-a 5'],
  ],
  [
    'an event taken out, the later ones moved up',
    [
      `delete from nova.events where ${ofAda} and stream_version = 3`,
      `update nova.events set stream_version = 3 where ${ofAda} and stream_version = 4`,
      `update nova.events set stream_version = 4 where ${ofAda} and stream_version = 5`,
      rehashed(ofAda),
    ],
    ['missing ada article-a 5'],
  ],
  [
    'an end cut off with its head',
    [`delete from nova.events where ${ofAda} and stream_version > 3`, rehashed(ofAda)],
    ['missing ada article-a 5'],
  ],
  [
    'a stream that is gone',
    [`delete from nova.events where ${ofAda}`, `delete from nova.streams where ${ofAda}`],
    ['missing ada article-a 5'],
  ],
  [
    'an event put at an end, in the time before',
    [
      `insert into nova.events select (select max(global_position) from nova.events), user_id, stream_id, 6, 'forged', type, schema_version, data,
         metadata, recorded_at, data_hash, hash from nova.events where ${ofAda} and stream_version = 5`,
      rehashed(ofAda),
    ],
    ['added ada article-a 6'],
  ],
  [
    'a stream put among those of before',
    [
      `insert into nova.streams values ('ada', 'article-z', 1, 'x')`,
      `insert into nova.events select 1, user_id, 'article-z', 1, 'forged', type, schema_version, data,
         metadata, recorded_at, data_hash, hash from nova.events where ${ofAda} and stream_version = 5`,
      rehashed(`stream_id = 'article-z'`),
    ],
    ['added ada article-z 1'],
  ],
  [
    'a later event that says it is older',
    [
      `insert into nova.events select nextval('nova.position_seq'), user_id, stream_id, 6, 'forged', type,
         schema_version, data, metadata, recorded_at - interval '2 hours', data_hash, hash
         from nova.events where ${ofAda} and stream_version = 5`,
      rehashed(ofAda),
    ],
    ['backdated ada article-a 6'],
  ],
]

describe('heads kept elsewhere show', { concurrency: 4 }, () => {
  for (const [name, statements, problems] of rewritings) {
    it(`${name}`, async () => {
      await using w = await signedWorld()
      await asOwner(w, ...statements)
      assert.deepEqual((await verifyEvents(w.database.owner)).problems, [], 'the chain is whole')
      assert.deepEqual(await problemsOf(w, w.file), problems)
    })
  }
})

describe('heads kept elsewhere', { concurrency: 4 }, () => {
  it('stay true while streams grow, and new ones begin', async () => {
    await using w = await signedWorld()
    await appendTo(w.deps.store, ada, [at(6)], options)
    await appendTo(w.deps.store, { userId: 'ada', streamId: 'article-new' }, [at(7)], options)
    const { problems, streams, grown, archived, isOtherServer } = await compare(w, w.file)
    assert.deepEqual(
      { problems, streams, grown, archived, isOtherServer },
      { problems: [], streams: 2, grown: 1, archived: 0, isOtherServer: false },
    )
  })

  it('stay true when an article is erased', async () => {
    await using w = await commandWorld()
    const { articleId } = await appendOldArticle(w, 'ada', ['2025-11'])
    const file = await heads(w)
    const caller = { userId: 'ada', metadata: { actor: 'cli' } } as const
    await eraseArticle(w.deps, caller, { articleId })
    assert.deepEqual(await problemsOf(w, file), [])
    assert.equal((await compare(w, file)).grown, 1)
  })

  it('stay true when months are archived and come back, and are compared where a month ends', async () => {
    await using w = await commandWorld()
    const { articleId } = await appendOldArticle(w, 'ada', ['2025-10', '2025-11'])
    const file = await heads(w)
    for (const projection of projections) await drainProjection(w.database.projector, projection)
    const leaving = { month: '2025-10', part: 'all', before: '2025-12' } as const
    const lines = await all(archiveLines(w.database.projector, leaving, new Date()))
    const content = await readArchive(linesOf(lines))
    assert.ok(content)
    await takeOutMonth(w.database, leaving, content)
    assert.deepEqual(await problemsOf(w, file), [])
    const later = { ...leaving, month: '2025-11' }
    const rest = await all(archiveLines(w.database.projector, later, new Date()))
    const last = await readArchive(linesOf(rest))
    assert.ok(last)
    await takeOutMonth(w.database, later, last)
    assert.deepEqual(await problemsOf(w, file), [])
    await bringBackMonth(w.database.owner, 'november', linesOf(rest))
    assert.deepEqual(await problemsOf(w, file), [])
    await takeOutMonth(w.database, later, last)
    // The register of archives holds the head now, and is held against it.
    await asOwner(w, `update nova.archived_streams set last_hash = 'x' where month = '2025-11-01'`)
    assert.match(
      String(await problemsOf(w, file)),
      new RegExp(`rewritten ada ${articleStream(articleId)}`),
    )
  })

  it('count a head inside of an archive, and find an archived stream that had none', async () => {
    await using w = await commandWorld()
    const { stream } = await appendOldArticle(w, 'ada', ['2025-10'])
    const { rows } = await w.database.owner.query<{ hash: string }>(
      `select encode(hash, 'hex') as hash from nova.events where stream_version = 2`,
    )
    const [second] = rows
    assert.ok(second)
    const { taken } = await takeHeads(w.database.owner)
    const signed = (...of: StreamHead[]) => all(signedHeads(taken, headsOf(of), keys))
    const head = { user_id: 'ada', stream_id: stream.streamId, version: 2, hash: second.hash }
    for (const projection of projections) await drainProjection(w.database.projector, projection)
    const leaving = { month: '2025-10', part: 'all', before: '2025-12' } as const
    const lines = await all(archiveLines(w.database.projector, leaving, new Date()))
    const content = await readArchive(linesOf(lines))
    assert.ok(content)
    await takeOutMonth(w.database, leaving, content)
    const { problems, archived } = await compare(w, await signed(head))
    assert.deepEqual({ problems, archived }, { problems: [], archived: 1 })
    assert.deepEqual(await problemsOf(w, await signed()), [`added ada ${stream.streamId} 3`])
  })

  it('are believed only whole and signed by a trusted key', async () => {
    await using w = await signedWorld()
    const refused = async (file: readonly string[], problem: RegExp, trusted = [keys.publicKey]) =>
      assert.rejects(
        compare(w, file, trusted),
        (error: unknown) =>
          error instanceof Refusal && error.code === 'HEADS_INVALID' && problem.test(error.message),
      )
    const [header = '', first = '', second = '', end = ''] = w.file
    await refused([header, first, second], /no whole heads file/)
    await refused([header, first, end], /no whole heads file/)
    await refused([first, header, second, end], /no whole heads file/)
    await refused(['{}'], /no whole heads file/)
    await refused([header, second, first, end], /changed after it was signed/)
    await refused(
      [header, first.replace(/"version":5/, '"version":4'), second, end],
      /changed after it was signed/,
    )
    const other = generateKeyPairSync('ed25519')
    await refused(w.file, /signed by the key .*, which is not trusted/, [other.publicKey])
    const named = createPublicKey({
      key: Buffer.from(JSON.parse(end).public_key, 'base64'),
      format: 'der',
      type: 'spki',
    })
    assert.deepEqual((await compare(w, w.file, [named])).problems, [])
  })
})
