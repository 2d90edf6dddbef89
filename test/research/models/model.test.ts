import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { z } from 'zod'
import { parseConfig } from '../../../src/config.ts'
import { createModel, modelFromConfig } from '../../../src/research/models/model.ts'
import { chooseModel, type ModelChoice } from '../../../src/research/models/model-choice.ts'
import {
  ModelFailure,
  type ModelFailureReason,
} from '../../../src/research/models/model-failure.ts'
import type { ModelUsage } from '../../../src/research/models/model-port.ts'
import { startApiServer } from '../../support/api-server.ts'
import { loopbackFetch } from '../../support/loopback-fetch.ts'
import { type ModelAsk, type ModelSays, startModelServer } from '../../support/model-server.ts'

const schema = z.object({ keep: z.array(z.number()), why: z.string() })
const good = { keep: [1, 2], why: 'they fit' }
const asking = { instructions: 'Judge.', prompt: 'Which?', signal: new AbortController().signal }

async function world(
  provider: ModelChoice['provider'],
  say: (ask: ModelAsk) => ModelSays | Promise<ModelSays>,
  timeoutMs = 60_000,
) {
  const server = await startModelServer(say)
  const http = loopbackFetch(server.origin)
  const usage: ModelUsage[] = []
  const model = createModel(
    { provider, model: 'm-1', apiKey: 'key-1', baseUrl: `${server.origin}/${provider}` },
    { http, timeoutMs, onUsage: (used) => usage.push(used) },
  )
  return {
    server,
    model,
    usage,
    async [Symbol.asyncDispose]() {
      await http[Symbol.asyncDispose]()
      await server[Symbol.asyncDispose]()
    },
  }
}

const failsWith = (reason: ModelFailureReason) => (error: unknown) => {
  assert.ok(error instanceof ModelFailure, String(error))
  assert.equal(error.reason, reason)
  return true
}

const overloaded = { status: 503, headers: { 'retry-after-ms': '1' }, body: { error: {} } }

describe('every model provider', () => {
  for (const provider of ['compatible', 'openai', 'google', 'anthropic'] as const) {
    it(`${provider} answers with an object of the schema, and the tokens are counted`, async () => {
      await using it = await world(provider, () => ({ object: good }))
      assert.deepEqual(await it.model.object({ ...asking, schema }), good)
      assert.deepEqual(it.usage, [{ model: `${provider}:m-1`, inputTokens: 11, outputTokens: 7 }])
      const call = it.server.calls[0]
      const sent = JSON.stringify(call?.headers)
      assert.match(sent, /key-1/, 'the key goes along')
      assert.match(JSON.stringify(call?.body), /Judge\..*Which\?|Which\?.*Judge\./)
    })

    it(`${provider} gives plain text`, async () => {
      await using it = await world(provider, () => 'Plain.')
      assert.equal(await it.model.text(asking), 'Plain.')
    })
  }
})

describe('a model that fails', () => {
  it('is tried again twice after an outage, and not more', async () => {
    await using it = await world('compatible', () => ({ reply: overloaded }))
    await assert.rejects(it.model.text(asking), failsWith('UNAVAILABLE'))
    assert.equal(it.server.calls.length, 3)
  })

  it('is told apart by what to do about it', async () => {
    const cases: [number, ModelFailureReason, number][] = [
      [429, 'RATE_LIMITED', 3],
      [401, 'UNAUTHORIZED', 1],
      [400, 'UNAVAILABLE', 1],
    ]
    for (const [status, reason, calls] of cases) {
      await using it = await world('compatible', () => ({ reply: { ...overloaded, status } }))
      await assert.rejects(it.model.text(asking), failsWith(reason))
      assert.equal(it.server.calls.length, calls)
    }
  })

  it('gives no object when the answer is none, and none of its words are in the error', async () => {
    for (const answer of ['I would rather sing', '{"keep": "all"}', '']) {
      await using it = await world('compatible', () => answer)
      await assert.rejects(it.model.object({ ...asking, schema }), (error) => {
        failsWith('BAD_ANSWER')(error)
        assert.ok(!String(error).includes('sing'))
        return true
      })
      assert.equal(it.usage.length, 1, 'it was paid for')
    }
  })

  it('is understood when it wraps the object in prose', async () => {
    const wrapped = `Sure!\n\`\`\`json\n${JSON.stringify(good)}\n\`\`\`\nAnything else?`
    await using it = await world('compatible', () => wrapped)
    assert.deepEqual(await it.model.object({ ...asking, schema }), good)
  })

  it('that never answers is a TIMEOUT; an abort stays an abort', async () => {
    const silent = () => new Promise<ModelSays>(() => {})
    await using slow = await world('compatible', silent, 60)
    await assert.rejects(slow.model.text(asking), failsWith('TIMEOUT'))
    await using it = await world('compatible', silent)
    const leaving = new AbortController()
    const asked = it.model.text({ ...asking, signal: leaving.signal })
    leaving.abort(new Error('the caller went away'))
    await assert.rejects(asked, /the caller went away/)
  })

  it('that cannot be reached is UNAVAILABLE', async () => {
    const gone = await startApiServer(() => ({ body: {} }))
    await gone[Symbol.asyncDispose]()
    await using http = loopbackFetch(gone.origin)
    const model = createModel(
      { provider: 'compatible', model: 'm', apiKey: undefined, baseUrl: gone.origin },
      { http, timeoutMs: 300 },
    )
    await assert.rejects(model.text(asking), (error) => error instanceof ModelFailure)
  })
})

describe('which model judges', () => {
  const chosen = (environment: Record<string, string>) => {
    const parsed = parseConfig(environment)
    assert.ok(parsed.ok)
    const choice = chooseModel(parsed.config)
    return choice && `${choice.provider}:${choice.model}`
  }

  it('is none without a key', () => {
    assert.equal(chosen({}), null)
    assert.equal(chosen({ NOVA_MODEL: 'openai:gpt-x' }), null)
    assert.equal(chosen({ NOVA_MODEL: 'compatible:qwen' }), null)
  })

  it('is the named one, else the default of the first provider with a key', () => {
    assert.match(chosen({ OPENAI_API_KEY: 'o', ANTHROPIC_API_KEY: 'a' }) ?? '', /^openai:/)
    assert.match(chosen({ GOOGLE_API_KEY: 'g', OPENAI_API_KEY: 'o' }) ?? '', /^google:/)
    assert.equal(
      chosen({ NOVA_MODEL: 'anthropic:claude-x', GOOGLE_API_KEY: 'g', ANTHROPIC_API_KEY: 'a' }),
      'anthropic:claude-x',
    )
  })

  it('at NOVA_MODEL_URL needs no key and speaks chat completions', async () => {
    await using server = await startModelServer(() => 'Local.')
    await using http = loopbackFetch(server.origin)
    const parsed = parseConfig({
      NOVA_MODEL: 'compatible:qwen3',
      NOVA_MODEL_URL: `${server.origin}/compatible`,
    })
    assert.ok(parsed.ok)
    const model = modelFromConfig(parsed.config, { http })
    assert.equal(model?.name, 'compatible:qwen3')
    assert.equal(await model?.text(asking), 'Local.')
  })
})

describe('video transcription', () => {
  it('sends the address of the video to Gemini and nowhere else', async () => {
    await using it = await world('google', () => '[00:00] Hello')
    const url = 'https://www.youtube.com/watch?v=dQw4w9WgXcQ'
    assert.equal(await it.model.transcribeVideo?.(url, asking.signal), '[00:00] Hello')
    assert.match(JSON.stringify(it.server.calls[0]?.body), /"fileUri":"https:\/\/www\.youtube\.com/)
    await using other = await world('openai', () => '')
    assert.equal(other.model.transcribeVideo, undefined)
  })
})
