import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { htmlPage } from '../../../src/sources/extraction/html-page.ts'

const prose = (about: string, sentences = 3) =>
  `<p>${`Whoever keeps ${about} knows, after a while, why it has to be kept. `.repeat(sentences)}</p>`
const each = (count: number, make: (n: number) => string) =>
  Array.from({ length: count }, (_, n) => make(n)).join('')
const read = (body: string, head = '') =>
  htmlPage(
    `<!doctype html><html><head>${head}</head><body>${body}</body></html>`,
    'https://site.example/a',
  ).markdown

describe('a discussion', () => {
  const forum = '<meta name="generator" content="phpBB">'
  const names = ['alice', 'bob', 'eve']
  const post = (name: string, about: string) =>
    `<div class="post"><dl class="profile"><dt><a href="/u/${name}">${name}</a></dt><dd>Regular</dd><dd>Posts: 158</dd><dd>Joined: Mar 02</dd><dd>Location: Far away</dd></dl>
     <div class="body"><p class="author">by ${name} » Monday</p><div class="content">${prose(about)}</div><div class="sign-off">Keep calm and carry a hive with you</div></div></div>`

  it('keeps who wrote and what, without the profile and the signature under each post', () => {
    const posts = names.map((name, n) => post(name, `hive ${n}`)).join('')
    const markdown = read(`<div id="page"><h2>A topic</h2>${posts}</div>`, forum)
    for (const said of [...names, 'keeps hive 0', 'keeps hive 2', '» Monday']) {
      assert.ok(markdown.includes(said), said)
    }
    assert.doesNotMatch(markdown, /Posts: 158|Far away|Keep calm/)
  })

  it('keeps its topics where it is a list of them', () => {
    const rows = each(
      8,
      (n) =>
        `<li class="row"><a class="t" href="/t/${n}">Topic ${n} has quite a long name to read</a> <span>${n} replies</span> <span>${n} views</span> <b>by alice</b></li>`,
    )
    const markdown = read(
      `<div id="page"><h1>Board</h1><ul class="topics">${rows}</ul></div>`,
      forum,
    )
    assert.match(markdown, /Topic 0[\s\S]*7 replies/)
  })
})

describe('a page that sells one thing', () => {
  const product = '<script type="application/ld+json">{"@type":"Product","name":"Pack"}</script>'
  const furniture = [
    `<div class="r1"><h2>Customer reviews</h2><div class="r"><h3>Great</h3>${prose('reviews')}</div></div>`,
    `<section><h2>Questions &amp; answers</h2>${prose('questions')}</section>`,
    `<section><h2>Complete the look</h2><div><a href="/a">Cap</a> <span>$10.00</span></div></section>`,
    `<div><h3>Shipping and returns</h3>${prose('parcels')}</div>`,
  ].join('')
  const page = (head: string) =>
    read(
      `<div id="page-content"><h1>Pack</h1>${prose('packs')}<h2>Details</h2><ul><li>Volume 25 litres</li></ul>${furniture}</div>`,
      head,
    )

  it('is what is sold, without what others say, ask and offer', () => {
    const markdown = page(product)
    for (const said of ['# Pack', 'keeps packs', '## Details', 'Volume 25 litres']) {
      assert.ok(markdown.includes(said), said)
    }
    assert.doesNotMatch(markdown, /reviews|questions|Cap|parcels/i)
  })

  it('is told from a page about reviews and returns', () => {
    const markdown = page('')
    for (const said of ['keeps reviews', 'keeps questions', 'keeps parcels'])
      assert.ok(markdown.includes(said), said)
  })
})
