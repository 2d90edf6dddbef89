import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { htmlPage } from '../../../src/sources/extraction/html-page.ts'

const prose = (about: string) =>
  `<p>${`Whoever keeps ${about} knows, after a while, why it has to be kept. `.repeat(4)}</p>`
const read = (body: string, head = '') =>
  htmlPage(
    `<!doctype html><html><head>${head}</head><body>${body}</body></html>`,
    'https://site.example/a',
  ).markdown

describe('what a browser would show of a page that is not in its place yet', () => {
  it('is the part that was streamed behind it, instead of what waits there', () => {
    const markdown = read(
      `<main><h1>Bees</h1>${prose('bees')}<!--$?--><template id="B:0"></template><p>Loading</p><!--/$-->${prose('hives')}</main>
       <div hidden id="S:0"><h2>Honey</h2>${prose('honey')}<template id="P:1"></template></div>
       <div hidden id="S:1"><h2>Wax</h2>${prose('wax')}</div><script>$RC("B:0","S:0")</script>`,
    )
    const at = ['keeps bees', '## Honey', 'keeps honey', '## Wax', 'keeps hives'].map((said) =>
      markdown.indexOf(said),
    )
    assert.ok(!at.includes(-1), markdown)
    assert.deepEqual(
      at,
      at.toSorted((a, b) => a - b),
    )
    assert.doesNotMatch(markdown, /Loading/)
  })

  it('is the shadow of an element, with what the element holds in its slots', () => {
    const markdown = read(
      `<main><h1>Bees</h1>${prose('bees')}<bee-card><template shadowrootmode="open"><h2><slot name="title">None</slot></h2><slot></slot>${prose('wax')}</template><span slot="title">Honey</span>${prose('honey')}</bee-card></main>`,
    )
    assert.match(markdown, /## Honey\n\nWhoever keeps honey/)
    assert.match(markdown, /keeps wax/)
  })

  it('is a topic for readers who run no scripts, however short', () => {
    const topic =
      '<h1>Why wax?</h1><div class="post"><p>Because the comb is made of it, all of it, and from the first day on.</p></div>'
    const markdown = read(
      `<noscript><div role="main">${topic}<p>We sell none, we only ask.</p></div></noscript><div id="app"><p>Loading</p></div><script src="/app.js"></script>`,
    )
    assert.match(markdown, /# Why wax\?\n\nBecause the comb/)
  })

  it('is not what a noscript repeats of a page that stands as it is', () => {
    const markdown = read(
      `<main><h1>Bees</h1>${prose('bees').repeat(3)}</main><noscript><p>Switch JavaScript on to see the video about bees, and then load this page again.</p></noscript>`,
    )
    assert.doesNotMatch(markdown, /Switch JavaScript/)
  })
})

describe('a part for readers without scripts', () => {
  it('is read once when the page has it as well', () => {
    const text = `<h2>Wax</h2>${prose('wax')}`
    const markdown = read(
      `<main><h1>Bees</h1><div>${text}</div><noscript><div>${text}</div></noscript></main>`,
    )
    assert.equal(markdown.split('## Wax').length, 2)
  })
})

describe('what is hidden now', () => {
  const around = (part: string) =>
    read(`<main><h1>Bees</h1>${prose('bees').repeat(3)}${part}</main>`)
  it('stays when a search or a click in the page shows it', () => {
    assert.match(around(`<div hidden="until-found">${prose('wax')}</div>`), /keeps wax/)
    const code =
      '<div><pre><code>print(1)</code></pre></div><div hidden><pre><code>log(1)</code></pre></div>'
    assert.match(around(`<div>${code}</div>`), /print\(1\)[\s\S]*log\(1\)/)
  })

  it('stays when it is a section of its own that is named for coming later', () => {
    const section = `<h2>Details</h2>${prose('wax')}`
    assert.match(
      around(`<div style="display:none" class="lazy-part">${section}</div>`),
      /## Details/,
    )
    assert.doesNotMatch(
      around(`<div style="display:none" class="lazy-modal">${section}</div>`),
      /Details/,
    )
  })

  it('goes when it is a layer, a form or a copy for machines', () => {
    for (const part of [
      `<div hidden>${prose('wax')}</div>`,
      `<div aria-hidden="true"><h2>Wax</h2>${prose('wax')}</div>`,
    ]) {
      assert.doesNotMatch(around(part), /keeps wax/)
    }
  })
})
