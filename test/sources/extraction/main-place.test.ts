import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { htmlPage } from '../../../src/sources/extraction/html-page.ts'

const prose = (about: string, sentences = 4) =>
  `<p>${`Whoever keeps ${about} knows, after a while, why it has to be kept. `.repeat(sentences)}</p>`
const each = (count: number, make: (n: number) => string) =>
  Array.from({ length: count }, (_, n) => make(n)).join('')
const read = (body: string) =>
  htmlPage(`<!doctype html><html><body>${body}</body></html>`, 'https://site.example/a').markdown

describe('the place that is taken', () => {
  it('is the chapter, not the longer table of contents before it', () => {
    const contents = each(
      20,
      (n) =>
        `<li class="part"><a href="/${n}"><b>${n}</b> Entry ${n} has a name</a><ul><li class="part"><a href="/${n}-1"><b>${n}.1</b> and a part</a></li></ul></li>`,
    )
    const markdown = read(
      `<div class="page"><div class="book"><ul>${contents}</ul></div><div class="body"><h1>A chapter</h1>${prose('bees')}<ul><li>One</li></ul></div></div>`,
    )
    assert.match(markdown, /^# A chapter/)
    assert.doesNotMatch(markdown, /Entry 3/)
  })

  it('holds the lists that a page is for beside the questions below them', () => {
    const groups = each(
      9,
      (n) =>
        `<div class="cat"><h3>Group ${n}</h3><ul><li><a href="/a${n}">First of it</a></li><li><a href="/b${n}">Second of it</a></li></ul></div>`,
    )
    const questions = each(3, (n) => `<div class="q"><h3>Why ${n}?</h3>${prose('hives')}</div>`)
    const markdown = read(
      `<div id="main"><h1>Services</h1><p>Find one.</p><div class="cats">${groups}</div><div class="faqs"><h2>Questions</h2>${questions}</div></div>`,
    )
    for (const said of [
      '# Services',
      '### Group 0',
      '### Group 8',
      '[Second of it]',
      '### Why 2?',
    ]) {
      assert.ok(markdown.includes(said), said)
    }
  })

  it('has the cards of a row though all of each is a link', () => {
    const cards = each(
      8,
      (n) =>
        `<div class="card"><a href="/${n}"><h3>Card ${n}</h3><p>What it is about, in a line.</p></a></div>`,
    )
    const markdown = read(`<main><h1>Cards</h1>${prose('cards', 1)}<div>${cards}</div></main>`)
    assert.match(markdown, /Card 0[\s\S]*Card 7/)
  })
})
