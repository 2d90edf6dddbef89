import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { linksInGuideline } from '../../../src/sources/guideline/guideline-links.ts'

describe('the rank of a link', () => {
  const ranks = (markdown: string) =>
    linksInGuideline(markdown).links.map(({ url, rank }) => [url.slice(-1), rank])

  it('is what the heading of its list says', () => {
    assert.deepEqual(
      ranks(
        '## Section 1 - A\n\nhttps://e.com/a\n\n## Section 2 - B\n\n## Article code\n\n- https://e.com/b\n\n## Golden Sources\n\n- [c](https://e.com/c)\n- [d][d]\n\n## Other Sources\n\n1. https://e.com/e\n\n## Documentation\n\n- https://e.com/f\n\n[d]: https://e.com/d\n',
      ),
      [
        ['a', null],
        ['b', null],
        ['c', 'golden'],
        ['d', 'golden'],
        ['e', 'other'],
        ['f', null],
      ],
    )
  })

  it('is the better one of two lists, and that of the list around a list', () => {
    assert.deepEqual(
      ranks(
        '# T\n\n## Further reading\n\n- https://e.com/a\n\n## Primary sources\n\n### Videos\n\n- https://e.com/a\n- https://e.com/b\n',
      ),
      [
        ['a', 'golden'],
        ['b', 'golden'],
      ],
    )
  })

  it('is none in a section about what is primary', () => {
    assert.deepEqual(
      ranks('## Section 1 - Key sources of iron\n\nhttps://e.com/a\n\n## Section 2 - B\n'),
      [['a', null]],
    )
  })
})
