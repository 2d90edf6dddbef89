import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { htmlPage } from '../../../src/sources/extraction/html-page.ts'

const mathJax = '<script src="https://cdn.example/mathjax@3/es5/tex-chtml.js"></script>'
const withDollars = `${mathJax}<script>MathJax = {tex: {inlineMath: [['$','$'], ['\\\\(','\\\\)']]}}</script>`
const read = (html: string, head = mathJax) =>
  htmlPage(
    `<html><head>${head}</head><body><main><h1>On</h1>${html}</main></body></html>`,
    'https://site.example/',
  )
    .markdown.replace('# On\n\n', '')
    .trim()

describe('a formula that a script would find in the text', () => {
  it('is one in each way of writing it', () => {
    assert.equal(read('<p>Let \\(x_1 + y^2\\) be</p>'), 'Let $x_1 + y^2$ be')
    assert.equal(read('<p>\\[ E = mc^2 \\]</p>'), '$$\nE = mc^2\n$$')
    assert.equal(read('<p>so $$\\sum_i z_i$$ holds</p>'), 'so\n\n$$\n\\sum_i z_i\n$$\n\nholds')
    assert.equal(
      read('<p>\\begin{align}a &amp;= b \\\\[2pt] c &amp;= d\\end{align}</p>'),
      '$$\n\\begin{align}a &= b \\\\[2pt] c &= d\\end{align}\n$$',
    )
  })

  it('stands between single dollars only where the page says so, and prices stay prices', () => {
    const html = '<p>Here $a_b \\le c$, for $5 here and $6 there.</p>'
    assert.equal(read(html, withDollars), 'Here $a_b \\le c$, for \\$5 here and \\$6 there.')
    assert.doesNotMatch(read(html), /(?<!\\)\$a_b/)
  })

  it('is text in code, and so are brackets that hold no TeX on a page without such a script', () => {
    assert.equal(read('<p>Run <code>\\(x^2\\)</code></p>'), 'Run `\\(x^2\\)`')
    assert.match(read('<p>The group \\(one\\) matches</p>', ''), /\\\\\(one\\\\\)/)
  })
})
