import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { archiveArticle } from '../../../src/commands/articles/archive-article.ts'
import { createArticle } from '../../../src/commands/articles/create-article.ts'
import {
  decideExtractUrls,
  extractUrls,
  guidelineLinksMax,
} from '../../../src/commands/articles/extract-urls.ts'
import { LocalFileUploaded } from '../../../src/events/articles/article-events.ts'
import { articleSpec, at, created, extracted, link, now, ref } from '../../support/article-facts.ts'
import { caller, commandWorld } from '../../support/command-world.ts'

const given = articleSpec(decideExtractUrls)
const links = {
  links: [link(1), link(2), link(3, 'github'), link(4, 'youtube')].map(
    ({ source: _source, ...rest }) => rest,
  ),
  localFiles: ['notes.md', 'model.py'],
}

describe('extract URLs', () => {
  it('gives every link of the guideline a number', () => {
    given(created).when({ links, now }).thenEvents(extracted)
  })
  it('numbers links after files that were uploaded before', () => {
    const file = LocalFileUploaded({
      source: 1,
      name: 'notes.md',
      original: ref(5),
      markdown: ref(6),
      uploaded_at: at,
    })
    given(created, file)
      .when({ links, now })
      .thenEvents({
        ...extracted,
        data: {
          ...extracted.data,
          links: extracted.data.links.map((each) => ({ ...each, source: each.source + 1 })),
        },
      })
  })
  it('adds nothing when the links are known', () => {
    given(created, extracted).when({ links, now }).thenNothing()
  })
  it('refuses more links than a person would have chosen', () => {
    const many = Array.from({ length: guidelineLinksMax + 1 }, (_, n) => ({
      url: `https://a.example/${n}`,
      canonical: `https://a.example/${n}`,
      kind: 'web' as const,
      rank: null,
    }))
    given(created)
      .when({ links: { links: many, localFiles: [] }, now })
      .thenRefused('LINKS_TOO_MANY')
  })

  it('reads the guideline once: not again when the links are known, nor of an archived article', async () => {
    await using w = await commandWorld()
    const read: string[] = []
    const deps = {
      ...w.deps,
      readLinks: async (text: string) => {
        read.push(text)
        return { links: [], localFiles: [] }
      },
    }
    const ada = caller('ada')
    const first = await createArticle(deps, ada, { guideline: Buffer.from('# First') })
    await extractUrls(deps, ada, first)
    assert.equal((await extractUrls(deps, ada, first)).appended, null)
    const second = await createArticle(deps, ada, { guideline: Buffer.from('# Second') })
    await archiveArticle(deps, ada, { ...second, archived: true })
    await assert.rejects(extractUrls(deps, ada, second), { code: 'ARTICLE_ARCHIVED' })
    assert.deepEqual(read, ['# First'])
  })
})
