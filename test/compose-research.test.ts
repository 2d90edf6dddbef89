import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { composeOutside } from '../src/compose-research.ts'
import { parseConfig } from '../src/config.ts'
import { startSite } from './support/site.ts'

const shell =
  '<!doctype html><title>App</title><div id="root"></div><script src="/app.js"></script>'
const rendered = `<!doctype html><title>The app</title><main><p>${'Work that waits. '.repeat(40)}</p></main>`

function outsideOf(env: Record<string, string>) {
  const parsed = parseConfig(env)
  assert.ok(parsed.ok)
  const outside = composeOutside(parsed.config)
  const read = (url: string) =>
    outside.gather({ url, kind: 'web', signal: AbortSignal.timeout(20_000) })
  return { ...outside, read, [Symbol.asyncDispose]: () => outside.close() }
}

describe('a service of the operator on a private address', () => {
  it('is asked, and neither it nor its neighbours are read as pages', async () => {
    await using service = await startSite({ '/content': rendered, '/': 'secrets of the service' })
    await using neighbour = await startSite({ '/': 'secrets of another' })
    await using site = await startSite({ '/': shell })
    await using outside = outsideOf({
      NOVA_RENDER_URL: service.origin,
      NOVA_SEARXNG_URL: neighbour.origin,
      NOVA_FETCH_ALLOW: `app.example:80=127.0.0.1:${site.port}`,
    })
    const source = await outside.read('http://app.example/')
    assert.equal(source.converter, 'render/1')
    assert.deepEqual(service.requests, ['POST /content'])
    for (const url of [`${service.origin}/`, `${neighbour.origin}/`]) {
      await assert.rejects(outside.read(url), { reason: 'BLOCKED_ADDRESS' })
    }
    assert.deepEqual(service.requests, ['POST /content'])
    assert.deepEqual(neighbour.requests, [])
  })
})
