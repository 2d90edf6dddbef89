import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { composeOutside } from '../../src/compose/compose-research.ts'
import { parseConfig } from '../../src/config.ts'
import { readLocalFile } from '../../src/sources/files/local-file.ts'
import { tablesOf } from '../support/markdown.ts'
import { startSite } from '../support/site.ts'

const shell =
  '<!doctype html><title>App</title><div id="root"></div><script src="/app.js"></script>'
const rendered = `<!doctype html><title>The app</title><main><p>${'Work that waits. '.repeat(40)}</p></main>`

const dataFrame = JSON.stringify({
  nbformat: 4,
  metadata: {},
  cells: [
    {
      cell_type: 'code',
      source: 'frame',
      outputs: [
        {
          output_type: 'execute_result',
          data: {
            'text/html':
              '<table><tr><th></th><th>jobs</th></tr><tr><th>0</th><td>7</td></tr></table>',
            'text/plain': '   jobs\n0     7',
          },
        },
      ],
    },
  ],
})

function outsideOf(env: Record<string, string>) {
  const parsed = parseConfig(env)
  assert.ok(parsed.ok)
  const outside = composeOutside(parsed.config)
  const read = (url: string) =>
    outside.gather({ url, kind: 'web', signal: AbortSignal.timeout(240_000) })
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

describe('the data frames of a notebook', () => {
  it('are tables, whether it is read from GitHub or uploaded', async () => {
    await using host = await startSite({ '/o/r/main/eda.ipynb': { body: dataFrame } })
    await using outside = outsideOf({
      NOVA_GITHUB_RAW_URL: host.origin,
      NOVA_GITHUB_API_URL: host.origin,
      NOVA_FETCH_ALLOW: new URL(host.origin).host,
    })
    const request = { url: 'https://github.com/o/r/blob/main/eda.ipynb', kind: 'github' } as const
    const { markdown } = await outside.gather({ ...request, signal: AbortSignal.timeout(240_000) })
    const uploaded = await readLocalFile(
      { name: 'eda.ipynb', bytes: Buffer.from(dataFrame), maxBytes: 1_000_000 },
      outside,
    )
    const expected = [
      [
        ['', 'jobs'],
        ['0', '7'],
      ],
    ]
    assert.deepEqual(tablesOf(markdown), expected)
    assert.deepEqual(tablesOf(uploaded.markdown), expected)
  })
})
