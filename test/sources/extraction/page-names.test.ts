import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { htmlPage } from '../../../src/sources/extraction/html-page.ts'

const prose = (about: string, times = 4) =>
  `<p>${`Whoever keeps ${about} knows, after a while, why it has to be kept. `.repeat(times)}</p>`
const read = (inside: string, beside = '') =>
  htmlPage(
    `<!doctype html><html><body><main><h1>Bees</h1>${prose('bees', 12)}${inside}${prose('hives')}</main>${beside}</body></html>`,
    'https://site.example/a',
  ).markdown

const layoutWords = [
  ...['nav', 'menu', 'footer', 'sidebar', 'cookies', 'consent', 'newsletter', 'share', 'sharing'],
  ...[
    'pagination',
    'filter',
    'filters',
    'ads',
    'promo',
    'similar',
    'related',
    'recommended',
    'modal',
  ],
  ...['comments', 'responses', 'replies', 'respond', 'social', 'toolbar', 'breadcrumbs', 'popup'],
]
const word = fc.constantFrom(...layoutWords, 'bloom', 'about', 'data', 'state', 'work', 'request')
const slug = fc.array(word, { minLength: 1, maxLength: 3 }).map((words) => words.join('-'))

describe('a generated name', () => {
  it('costs no heading its place, whatever it is made of', () => {
    fc.assert(
      fc.property(slug, fc.constantFrom('h2', 'h3', 'h4'), (name, tag) => {
        const markdown = read(
          `<${tag} id="${name}" class="${name}">Under test</${tag}>${prose('wax')}`,
        )
        assert.match(markdown, /#+ Under test\n\nWhoever keeps wax/)
      }),
      { numRuns: 60 },
    )
  })

  it('costs no section that has a heading of its own', () => {
    fc.assert(
      fc.property(slug, fc.constantFrom('section', 'div'), (name, tag) => {
        const markdown = read(
          `<${tag} id="${name}"><h2>Under test</h2><p>It comes as a jar.</p></${tag}>`,
        )
        assert.match(markdown, /## Under test\n\nIt comes as a jar/)
      }),
      { numRuns: 60 },
    )
  })

  it('costs no cell, code or paragraph within the text', () => {
    fc.assert(
      fc.property(slug, (name) => {
        const markdown = read(
          `<p id="${name}">Other towns built walls.</p><table><tr><th>Plan<th class="${name}">Price<tr><td>A<td class="${name}">9</table><p>Call <code class="${name}">give()</code> first.</p>`,
        )
        for (const said of [
          'Other towns',
          '| Plan | Price |',
          '| A    | 9     |',
          'Call `give()` first',
        ]) {
          assert.ok(markdown.includes(said), said)
        }
      }),
      { numRuns: 60 },
    )
  })

  it('that says how a part is, or what part of it, does not say what it is', () => {
    const names = [
      ...[
        'page sidebar-enabled--false',
        'grid hide-read-more-ad',
        'has-no-sidebar',
        'with-menu-open',
      ],
      ...[
        'content-filter__results-main',
        'filtering-and-pagination_container',
        'font-claude-response',
      ],
      ...['dark-nav-btns', 'product-testimonials-comments', 'menuItemLover', 'row no-share'],
    ]
    for (const name of names) {
      assert.match(read(`<div class="${name}">${prose('wax')}</div>`), /keeps wax/, name)
    }
  })

  it('and links or fields without a text are furniture', () => {
    const links = '<a href="/x">Other one</a> <a href="/y">Other two</a>'
    for (const name of [
      'sidebar',
      'site-footer',
      'share-buttons',
      'related-posts',
      'mainMenu',
      'menu__list',
    ]) {
      assert.doesNotMatch(read(`<div class="${name}">${links}</div>`), /Other one/, name)
    }
    const field = '<p>Other one letter a week for you and for your bees.</p><input type="email">'
    assert.doesNotMatch(read(`<div class="newsletter">${field}</div>`), /Other one/)
  })
})

describe('an element inside the content', () => {
  const cases: [string, string, RegExp][] = [
    [
      'an aside with a note',
      '<aside class="note"><p>Back up the log before the upgrade.</p></aside>',
      /Back up the log/,
    ],
    [
      'the header of a section',
      '<section><header><h2>Phase two</h2></header><p>Work began.</p></section>',
      /## Phase two\n\nWork began/,
    ],
    [
      'the header of a card that is all of a link',
      '<article><header><h2><a href="/p">A post</a></h2></header><p>On it.</p></article>',
      /## \[A post\]/,
    ],
    [
      'whose words a quote has',
      '<blockquote><p>So it was.</p><footer>Said by the keeper of the wall</footer></blockquote>',
      /Said by the keeper/,
    ],
    [
      'a form that explains what it asks',
      '<form><h2>How old are you?</h2><p>Answer and read what you may do then.</p><fieldset><legend>Age</legend><label>Under 30: save a tenth.</label></fieldset></form>',
      /## How old are you\?[\s\S]*read what you may do[\s\S]*Under 30/,
    ],
  ]
  for (const [claim, html, stays] of cases) {
    it(`stays: ${claim}`, () => assert.match(read(html), stays))
  }

  it('goes when it is only for getting about or signing up', () => {
    const parts = [
      '<aside><ul><li><a href="/x">Other page</a></li><li><a href="/y">Another page</a></li></ul></aside>',
      '<nav><a href="/x">Other page</a></nav>',
      '<form><p>Other page: ask for a free talk with one of our keepers today.</p><input type="email"></form>',
      '<form><label>Other page</label><input type="email"><button>Go</button></form>',
    ]
    for (const part of parts) assert.doesNotMatch(read(part), /Other page/)
  })
})

describe('a layer that asks for consent', () => {
  const asking = `<h2>Your choice</h2>${'<p>We and our partners store information on a device, such as unique identifiers, and process personal data to show personalised content. You may accept or manage your choices at any time.</p>'.repeat(6)}`
  it('is not the page, however much more it says', () => {
    const cards = Array.from(
      { length: 6 },
      (_, n) =>
        `<div class="item"><a href="/${n}"><h3>Story ${n}</h3></a><p>A line on it.</p></div>`,
    )
    const markdown = htmlPage(
      `<body><div id="app"><main><h1>Science</h1>${cards.join('')}</main></div><div class="x1"><div class="x2">${asking}</div></div></body>`,
      'https://site.example/a',
    ).markdown
    assert.match(markdown, /Story 0[\s\S]*Story 5/)
    assert.doesNotMatch(markdown, /personal data/)
  })

  it('is content where the page is about it', () => {
    assert.match(read(`<div>${asking}</div>`), /personal data/)
  })
})
