import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { htmlPage } from '../../../src/sources/extraction/html-page.ts'

const prose = (about: string, sentences = 6) =>
  `<p>${`Whoever keeps ${about} knows, after a while, why it has to be kept. `.repeat(sentences)}</p>`
const read = (body: string, head = '', url = 'https://site.example/a') =>
  htmlPage(`<!doctype html><html><head>${head}</head><body>${body}</body></html>`, url)
const markdownOf = (...page: Parameters<typeof read>) => read(...page).markdown

const isArticle = '<meta property="article:published_time" content="2025-01-01T00:00:00Z">'
const each = (count: number, make: (n: number) => string) =>
  Array.from({ length: count }, (_, n) => make(n)).join('')
const comments = each(
  8,
  (n) => `<div class="comment"><b>Reader ${n}</b>${prose(`opinion ${n}`)}</div>`,
)

describe('an article', () => {
  it('comes without what readers said of it, however much that is', () => {
    const markdown = markdownOf(
      `<div class="post">${prose('bees', 12)}</div><div id="comments">${comments}</div>`,
      isArticle,
    )
    assert.match(markdown, /bees/)
    assert.doesNotMatch(markdown, /opinion/)
  })

  it('is told from its comments in a page whose body is named for its layout', () => {
    const html = `<!doctype html><html><body class="content-sidebar"><div class="post">${prose('bees', 26)}</div>
      <div class="comments">${comments.repeat(6)}</div></body></html>`
    assert.doesNotMatch(htmlPage(html, 'https://site.example/a').markdown, /opinion/)
  })

  it('keeps the headings that are links to themselves', () => {
    const markdown = markdownOf(
      `<article><h1>Bees</h1>${prose('bees', 12)}<h2 class="flex items-center" id="wax"><a class="no-underline" href="#wax">On wax</a></h2>${prose('wax')}</article>`,
      isArticle,
    )
    assert.match(markdown, /## \[?On wax/)
  })

  it('ends where other articles begin', () => {
    const others = each(
      5,
      (n) => `<div class="item"><h3>Other ${n}</h3>${prose(`other ${n}`)}</div>`,
    )
    const markdown = markdownOf(
      `<main><article>${prose('bees', 12)}</article><div>${others}</div></main>`,
      isArticle,
    )
    assert.match(markdown, /bees/)
    assert.doesNotMatch(markdown, /other 3/)
  })

  it('is the part that calls itself its body, when much else is as long', () => {
    const column = each(40, (n) => `<p>What, then, goes on in town ${n}?</p>`)
    const markdown = markdownOf(
      `<div><div id="storyBody">${each(12, () => prose('bees', 12))}</div>
       <div><div>${column}</div><div>${column}</div><div>${column}</div></div></div>`,
      isArticle,
    )
    assert.match(markdown, /bees/)
    assert.doesNotMatch(markdown, /goes on in town/)
  })

  it('is whole when its first lines stand in a body of their own', () => {
    const markdown = markdownOf(
      `<div><div class="articleBody">${prose('wasps', 3)}</div><p>${prose('figures', 1)}</p>
       <div class="articleBody">${each(14, () => prose('bees', 3))}</div></div>`,
      isArticle,
    )
    assert.match(markdown, /wasps.*bees/s)
  })

  it('stays where a name says how the page is laid out, or has the name of chrome in it', () => {
    const markdown = markdownOf(
      `<main><div class="content no-sidebar">${prose('bees', 9)}${prose('hives', 9)}</div>
       <div class="content sidebarLover with_related_links">${prose('wasps', 9)}${prose('combs', 9)}</div>
       <div>${each(3, () => prose('keepers', 9))}</div></main>`,
    )
    assert.match(markdown, /bees.*wasps/s)
  })

  it('is without what an element named in one word says of it', () => {
    const markdown = markdownOf(
      `<div>${prose('bees', 30)}<div id="articleComments">${prose('opinion', 9)}</div></div>`,
      isArticle,
    )
    assert.doesNotMatch(markdown, /opinion/)
  })

  it('does not grow by teasers, even where nothing says that it is one', () => {
    const teasers = each(
      6,
      (n) => `<div><a href="/${n}">A long headline number ${n}</a>${prose(`teaser ${n}`, 1)}</div>`,
    )
    const markdown = markdownOf(
      `<div><div class="text">${each(6, () => prose('bees', 3))}</div><div class="right">${teasers}</div></div>`,
    )
    assert.match(markdown, /bees/)
    assert.doesNotMatch(markdown, /teaser/)
  })

  it('loses a list of other stories together with its heading, and who wrote it when', () => {
    const stories = each(4, (n) => `<li><a href="/${n}">Another story</a></li>`)
    const markdown = markdownOf(
      `<article><div class="byline">By Ann Lee, 1 May</div>${each(5, () => prose('bees', 3))}
       <div><h3>What others ask of us in the same hour, day by day, wherever they live and whatever they do</h3><ul>${stories}</ul></div>${prose('wasps', 3)}</article>`,
      isArticle,
    )
    assert.match(markdown, /bees.*wasps/s)
    assert.doesNotMatch(markdown, /Another story|What others ask|Ann Lee/)
  })

  it('has the part of it that stands beside the chosen one inside its bounds', () => {
    const markdown = markdownOf(
      `<div class="entry-content"><div class="intro"><h2>Before</h2>${each(4, () => prose('hives'))}</div>
       <div class="card"><div>${each(6, () => prose('bees'))}</div></div></div>`,
      isArticle,
    )
    assert.match(markdown, /hives.*bees/s)
  })
})

describe('a page of parts', () => {
  it('has all of them', () => {
    const parts = ['plans', 'support', 'history', 'teams'].map(
      (name) => `<section class="${name}"><h2>Our ${name}</h2>${prose(name, 2)}</section>`,
    )
    const markdown = markdownOf(
      `<div class="hero"><h1>Hosting</h1>${prose('servers', 1)}</div>${parts.join('')}`,
    )
    for (const name of ['servers', 'plans', 'support', 'history', 'teams']) {
      assert.match(markdown, new RegExp(`keeps ${name}`))
    }
  })

  it('keeps what it promises in prose', () => {
    const markdown = markdownOf(
      `<main>${prose('servers')}<div class="promo-block"><h2>Why us</h2>${prose('promises')}</div>${prose('plans')}</main>`,
    )
    assert.match(markdown, /keeps promises/)
  })

  it('that is an index has its links', () => {
    const chapters = each(300, (n) => `<li><a href="/${n}">Chapter about subject ${n}</a></li>`)
    const markdown = markdownOf(
      `<h1>Handbook</h1><div>${each(6, () => prose('order', 2))}</div>
       <div><ul>${chapters}</ul></div>`,
    )
    assert.match(markdown, /subject 299/)
  })

  it('keeps the headings of a reference, which are links to types', () => {
    const methods = each(
      12,
      (n) =>
        `<h4>fn <a href="#${n}">take_number_${n}</a>(<a href="/n">Number</a>) -&gt; <a href="/t">Token</a></h4>`,
    )
    const markdown = markdownOf(
      `<main><h1>Enum Token</h1><div>${each(12, () => prose('tokens', 2))}</div><h2>Implementations</h2><div>${methods}</div></main>`,
    )
    assert.match(markdown, /number\\?_11/)
  })
})

describe('a discussion', () => {
  it('keeps what was said, whether its data or its address says that it is one', () => {
    const thread = `<div class="question">${prose('queues', 12)}</div><div class="answers">${comments}</div>`
    const data = '<script type="application/ld+json">{"@type":"QAPage"}</script>'
    assert.match(markdownOf(thread, data), /opinion 7/)
    assert.match(markdownOf(thread, '', 'https://site.example/forum/thread-12'), /opinion 7/)
  })

  it('is the page under a short text that began it, ten times as long', () => {
    const markdown = markdownOf(
      `<h1>Bees</h1><div class="text">${prose('bees', 8)}</div>
       <div class="comments">${comments.repeat(3)}</div>`,
    )
    assert.match(markdown, /opinion 7/)
  })

  it('under a link with hardly a word of its own is the page', () => {
    assert.match(
      markdownOf(`<h1><a href="https://x.example/">A link</a></h1>${prose('links', 5)}${comments}`),
      /opinion 7/,
    )
  })

  it('laid out in tables keeps every contribution', () => {
    const said = each(
      8,
      (n) =>
        `<tr><td><table><tr><td></td><td><div><a href="/u${n}">user${n}</a></div><div class="comment">${prose(`entry ${n}`, 2)}</div></td></tr></table></td></tr>`,
    )
    const markdown = markdownOf(
      `<table><tr><td><a href="/">News</a></td><td>new</td></tr>
       <tr><td><a href="https://x.example/">Story</a></td><td>12 points</td></tr>
       <tr><td><table>${said}</table></td><td><a href="/more">More</a></td></tr></table>`,
    )
    for (let n = 0; n < 8; n += 1) assert.match(markdown, new RegExp(`entry ${n}`))
  })
})

describe('a collection', () => {
  it('keeps cards that are wrapped more than once, beside a text about them', () => {
    const cards = each(
      12,
      (n) =>
        `<li class="cell"><div class="card"><div class="inner"><h3><a href="/${n}">Blue mug ${n}</a></h3><div class="price">$${n}.00</div></div></div></li>`,
    )
    const markdown = markdownOf(
      `<main><div class="intro"><h1>Mugs</h1>${prose('mugs', 2)}</div><ul class="grid">${cards}</ul></main>`,
    )
    assert.match(markdown, /Blue mug 11.*\$11\.00/s)
  })

  it('has a space between a name and what is said of it, but none inside a word', () => {
    const markdown = markdownOf(
      `${prose('mugs')}<p><a href="/m">Mug</a><span class="price">$12</span> and <span class="cap">W</span><span class="rest">ord</span></p>`,
    )
    assert.match(markdown, /\) \\\$12 and Word/)
  })
})

describe('what no reader sees', () => {
  it('is left out, and what a click unfolds is not', () => {
    const markdown = markdownOf(
      `<main>${prose('bees')}<div hidden>secret one</div><div style="display: none">secret two</div>
       <p aria-hidden="true">secret three</p><div class="accordion-panel" hidden>${prose('folded')}</div></main>`,
    )
    assert.doesNotMatch(markdown, /secret/)
    assert.match(markdown, /folded/)
  })

  it('is read where a page hides nearly all until its scripts have run', () => {
    assert.match(markdownOf(`<div style="visibility:hidden">${prose('bees')}</div>`), /bees/)
  })

  it('is a frame that says nothing of itself, if it is no player', () => {
    const markdown = markdownOf(
      `${prose('bees')}<p>End.</p><iframe src="https://ads.example/1"></iframe>
       <iframe src="https://www.youtube.com/embed/abcdefghijk"></iframe>`,
    )
    assert.doesNotMatch(markdown, /ads\.example/)
    assert.match(markdown, /watch\?v=abcdefghijk/)
  })
})
