import { describe, it } from 'node:test'
import { decideExtractUrls, guidelineLinksMax } from '../../src/commands/extract-urls.ts'
import { LocalFileUploaded } from '../../src/events/article-events.ts'
import { articleSpec, at, created, extracted, link, now, ref } from '../support/article-facts.ts'

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
    }))
    given(created)
      .when({ links: { links: many, localFiles: [] }, now })
      .thenRefused('LINKS_TOO_MANY')
  })
})
