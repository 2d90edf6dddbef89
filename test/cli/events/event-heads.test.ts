import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { createHash, createPublicKey, verify } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { events } from '../../../src/cli/events.ts'
import { createArticle } from '../../../src/commands/articles/create-article.ts'
import { Refusal } from '../../../src/errors.ts'
import { articleStream } from '../../../src/events/articles/article-events.ts'
import { cliCall, rememberingTerminal } from '../../support/cli-call.ts'
import { commandWorld } from '../../support/command-world.ts'

const secret = 'k'.repeat(32)

async function world() {
  const w = await commandWorld()
  const path = await mkdtemp(join(tmpdir(), 'nova-heads-'))
  const ada = { userId: 'ada', metadata: { actor: 'user' } } as const
  const { articleId } = await createArticle(w.deps, ada, { guideline: { text: '# What happened' } })
  const nova = async (
    positionals: string[],
    options: Record<string, string> = {},
    settings: Record<string, string> = { NOVA_HEADS_KEY: secret },
  ) => {
    const terminal = rememberingTerminal()
    const call = cliCall(terminal, { DATABASE_URL: w.url, ...settings }, { positionals, options })
    const code = await events.run(call)
    return { code, out: terminal.out(), err: terminal.err() }
  }
  const close = () => Promise.all([w[Symbol.asyncDispose](), rm(path, { recursive: true })])
  const file = join(path, 'heads.jsonl')
  return { ...w, file, nova, articleId, [Symbol.asyncDispose]: async () => void (await close()) }
}

const refuses = (code: string) => (error: unknown) =>
  error instanceof Refusal && error.code === code

describe('nova events head', { concurrency: 4 }, () => {
  it('finds a rewritten title whose hashes were all made anew, which verify alone does not', async () => {
    await using w = await world()
    assert.match(
      (await w.nova(['head', w.file])).err,
      /^The heads of 1 streams at position \d+, signed/,
    )
    const before = await w.nova(['verify'], { against: w.file })
    assert.equal(before.code, 0)
    assert.match(before.out, /As signed on \d{4}-.*: 1 streams, 0 of them have grown$/)
    await w.database.owner.query(`set session_replication_role = replica;
      update nova.events set data = data || '{"title":"What did not happen"}';
      update nova.events set data_hash = sha256(convert_to(data::text, 'UTF8'));
      update nova.events set hash = nova.chain_hash(null, nova.content_hash(user_id, stream_id, event_id,
        type, schema_version, metadata, (extract(epoch from recorded_at) * 1000000)::bigint, data_hash));
      update nova.streams s set last_hash = (select hash from nova.events e where e.stream_id = s.stream_id);
      set session_replication_role = default`)
    const alone = await w.nova(['verify'])
    assert.equal(alone.code, 0)
    assert.match(alone.out, /^Every chain is whole: 1 events/)
    const { code, out } = await w.nova(['verify'], { against: w.file })
    assert.equal(code, 1)
    assert.match(
      out,
      new RegExp(`rewritten +ada +${articleStream(w.articleId)} +1\n1 not as signed`),
    )
  })

  it('signs so that anybody can check it, with the public key alone', async () => {
    await using w = await world()
    const { err } = await w.nova(['head', w.file])
    const [, key = ''] = /^Public key: (\S+)$/m.exec(err) ?? []
    const text = await readFile(w.file, 'utf8')
    const lines = text.trimEnd().split('\n')
    const end = JSON.parse(lines.at(-1) ?? '')
    const covered = lines.slice(0, -1).map((line) => `${line}\n`)
    assert.equal(createHash('sha256').update(covered.join('')).digest('hex'), end.sha256)
    const publicKey = createPublicKey({
      key: Buffer.from(key, 'base64'),
      format: 'der',
      type: 'spki',
    })
    const message = Buffer.from(`nova-heads:${end.sha256}`)
    assert.ok(verify(null, message, publicKey, Buffer.from(end.signature, 'base64')))
    assert.equal(JSON.parse(lines[0] ?? '').database.name, new URL(w.url).pathname.slice(1))
    const other = { NOVA_LINK_SECRET: 'o'.repeat(32) }
    const strange = w.nova(['verify'], { against: w.file }, other)
    await assert.rejects(strange, refuses('HEADS_INVALID'))
    assert.equal((await w.nova(['verify'], { against: w.file, key }, other)).code, 0)
    await assert.rejects(
      w.nova(['verify'], { against: w.file, key: 'x' }),
      refuses('HEADS_INVALID'),
    )
    const rotated = { NOVA_HEADS_KEY: `${'n'.repeat(32)},${secret}` }
    assert.equal((await w.nova(['verify'], { against: w.file }, rotated)).code, 0)
  })

  it('writes and reads compressed, refuses what is no heads file, and all streams or none', async () => {
    await using w = await world()
    await w.nova(['head', `${w.file}.gz`])
    assert.equal(
      execFileSync('gzip', ['-dc', `${w.file}.gz`])
        .toString()
        .split('\n').length,
      4,
    )
    assert.equal((await w.nova(['verify'], { against: `${w.file}.gz` })).code, 0)
    await writeFile(w.file, 'hello\n')
    await assert.rejects(w.nova(['verify'], { against: w.file }), refuses('HEADS_INVALID'))
    await assert.rejects(
      w.nova(['verify'], { against: `${w.file}.no` }),
      refuses('INPUT_FILE_UNREADABLE'),
    )
    await assert.rejects(w.nova(['verify'], { against: w.file, user: 'ada' }), /leave --user out/)
    await assert.rejects(w.nova(['head']), /takes one argument/)
  })
})
