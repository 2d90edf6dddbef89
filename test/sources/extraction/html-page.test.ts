import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { htmlPage } from '../../../src/sources/extraction/html-page.ts'
import { nodesOf, plainText } from '../../support/markdown.ts'

const sentence = 'Queues hold work between the moment of asking, and the moment of doing it well. '
const read = (body: string, head = '', html = '') =>
  htmlPage(
    `<!doctype html><html ${html}><head>${head}</head><body>${body}</body></html>`,
    'https://site.example/a/b.html',
  )
const factsOf = async (head: string, html = '') => {
  const { title, facts } = await read(
    `<article><p>${sentence.repeat(20)}</p></article>`,
    head,
    html,
  )
  return { title, ...facts }
}

describe('the main content', () => {
  it('comes without navigation, footer and asides', async () => {
    const { markdown, notes } = await read(
      `<nav><a href="/">Home</a></nav><article><p>${sentence.repeat(20)}</p></article><aside class="related">More</aside><footer>Imprint</footer>`,
    )
    assert.doesNotMatch(markdown, /Home|More|Imprint/)
    assert.deepEqual(notes, ['Main content found where Readability sees the article.'])
  })

  it('has the part that stands under an unlucky name', async () => {
    const { markdown } = await read(
      `<article><p>${sentence.repeat(24)}</p><div class="hero-content"><p>${'Most of the text stands in here, under an unlucky name. '.repeat(90)}</p></div></article>`,
    )
    assert.match(markdown, /unlucky name/)
  })

  it('is the whole page when nobody finds an article', async () => {
    const { markdown } = await read('<main><aside>Only words</aside></main>')
    assert.equal(markdown.trim(), 'Only words')
  })

  const between = async (list: string) => {
    const { markdown } = await read(
      `<article><p>${sentence.repeat(3)}</p>${list}<p>${sentence.repeat(3)}</p></article>`,
    )
    return nodesOf(markdown, 'listItem').map((item) => [item.checked, plainText(item).trim()])
  }

  it('keeps a short list of tasks', async () => {
    const list = '<ul><li><input type=checkbox checked> done<li><input type=checkbox> to do</ul>'
    assert.deepEqual(await between(list), [
      [true, 'done'],
      [false, 'to do'],
    ])
  })

  it('keeps a short list between two paragraphs', async () => {
    assert.deepEqual(await between('<ul><li>first thing<li>second thing</ul>'), [
      [null, 'first thing'],
      [null, 'second thing'],
    ])
  })

  it('keeps its notes as footnotes', async () => {
    const { markdown } = await read(
      `<article><p>${sentence.repeat(9)} So<sup id="fnref:1"><a href="#fn:1">1</a></sup>.</p>
       <section class="footnotes"><hr><ol><li id="fn:1"><p>See <a href="https://x.example/">this</a>.
       <a href="#fnref:1">↩</a></p></li></ol></section></article>`,
    )
    const [note] = nodesOf(markdown, 'footnoteDefinition')
    assert.equal(nodesOf(markdown, 'footnoteReference')[0]?.identifier, '1')
    assert.equal(note && plainText(note), 'See this.')
    assert.deepEqual(
      nodesOf(markdown, 'link').map(({ url }) => url),
      ['https://x.example/'],
    )
  })

  it('has its links against the base that the page names', async () => {
    const { markdown } = await read(
      `<article><p>${sentence.repeat(20)} <a href="x">x</a></p></article>`,
      '<base href="/other/">',
    )
    assert.match(markdown, /\(https:\/\/site\.example\/other\/x\)/)
  })
})

describe('what a page says of itself', () => {
  it('is read from its meta tags', async () => {
    const facts = await factsOf(
      `<title>Queues – The Site</title><meta property="og:site_name" content="The Site">
       <meta name="author" content="Ann   Lee"><meta property="article:published_time" content="2025-03-04">
       <link rel="canonical" href="/queues">`,
      'lang="de-AT"',
    )
    assert.deepEqual(facts, {
      title: 'Queues',
      author: 'Ann Lee',
      site: 'The Site',
      publishedAt: '2025-03-04',
      language: 'de-AT',
      canonicalUrl: 'https://site.example/queues',
    })
  })

  it('is read from linked data where tags are silent', async () => {
    const data = {
      '@graph': [
        { '@type': 'Organization', name: 'Nobody' },
        {
          '@type': 'NewsArticle',
          author: [{ name: 'Ann Lee' }, { name: 'Bo Wu' }],
          publisher: { name: 'The Site' },
          datePublished: '2025-03-04T10:00:00Z',
        },
      ],
    }
    const script = `<script type="application/ld+json">${JSON.stringify(data)}</script>`
    const { author, site, publishedAt } = await factsOf(script)
    assert.deepEqual(
      [author, site, publishedAt],
      ['Ann Lee, Bo Wu', 'The Site', '2025-03-04T10:00:00.000Z'],
    )
  })

  const nonsense: [string, string][] = [
    ['a date that is none', '<meta property="article:published_time" content="yesterday">'],
    ['linked data that is none', '<script type="application/ld+json">{"@type":"Article",</script>'],
    ['a canonical address that is a script', '<link rel="canonical" href="javascript:x()">'],
    ['a language that is none', '<meta property="og:locale" content="$(x)">'],
  ]
  for (const [claim, head] of nonsense) {
    it(`leaves out ${claim}`, async () => {
      const { publishedAt, canonicalUrl, language, author } = await factsOf(head)
      assert.deepEqual(
        [publishedAt, canonicalUrl, language, author],
        [undefined, undefined, undefined, undefined],
      )
    })
  }

  it('is cut to a length that a label may have', async () => {
    const { title } = await factsOf(`<title>${'long '.repeat(500)}</title>`)
    assert.equal(title.length, 300)
  })
})
