import assert from 'node:assert/strict'
import { text } from 'node:stream/consumers'
import { describe, it } from 'node:test'
import { json, startGitHost } from '../../support/git-host.ts'

const post = (body: string) => ({ author: { login: 'ann' }, body, createdAt: '2026-01-02' })
const page = (from: number, count: number, total: number) => ({
  data: {
    repository: {
      discussion: {
        ...post('How do you do it?'),
        title: 'How to\nqueue',
        updatedAt: '2026-01-03',
        comments: {
          totalCount: total,
          pageInfo: { hasNextPage: from + count < total, endCursor: String(from + count) },
          nodes: Array.from({ length: count }, (_, index) => ({
            ...post(`Comment ${from + index + 1}.`),
            isAnswer: from + index === 1,
            replies: {
              totalCount: from + index === 0 ? 2 : 0,
              nodes: from + index === 0 ? [post('Thanks!')] : [],
            },
          })),
        },
      },
    },
  },
})
const url = 'https://github.com/o/r/discussions/3'

describe('a discussion of GitHub', () => {
  it('is read with its comments, their replies and its answer, and says what is left', async () => {
    const asked: (string | null)[] = []
    await using host = await startGitHost(
      {
        '/api/graphql': async (request, response) => {
          const { variables } = JSON.parse(await text(request))
          asked.push(variables.after)
          response.end(JSON.stringify(page(Number(variables.after ?? 0), 100, 730)))
        },
      },
      'token',
    )
    const source = await host.read(url)
    assert.deepEqual(asked, [null, '100', '200', '300', '400'])
    assert.equal(source.title, 'How to queue · discussion #3 · o/r')
    assert.match(source.markdown, /^# How to queue\n[\s\S]+How do you do it\?\n\n## Comments\n/)
    assert.match(
      source.markdown,
      /Comment 1\.\n\n#### ann, 2026-01-02\n\nThanks!\n\n### Answer: ann/,
    )
    assert.match(source.markdown, /Comment 500\./)
    assert.deepEqual(source.notes, [
      '230 more comments were not read',
      '1 more replies were not read',
    ])
  })

  it('is refused without a token, and not found when GitHub knows none', async () => {
    await using silent = await startGitHost({})
    await assert.rejects(silent.read(url), { reason: 'FORBIDDEN' })
    assert.deepEqual(silent.site.requests, [])
    const none = json({ data: { repository: null }, errors: [{ type: 'NOT_FOUND' }] })
    await using host = await startGitHost({ '/api/graphql': none }, 'token')
    await assert.rejects(host.read(url), { reason: 'NOT_FOUND' })
  })
})
