import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { htmlToMarkdown } from '../../../src/sources/extraction/html-to-markdown.ts'
import { nodesOf, outlineOf, parseMarkdown, plainText } from '../../support/markdown.ts'

const convert = (html: string) => htmlToMarkdown(html, 'https://site.example/docs/page.html')
const textOf = (html: string) => plainText(parseMarkdown(convert(html)))
const linksOf = (html: string) =>
  nodesOf(convert(html), 'link').map((link) => [plainText(link), link.url])
const imagesOf = (html: string) => nodesOf(convert(html), 'image').map(({ alt, url }) => [alt, url])

describe('lists', () => {
  const nested = ['1 a', '2 b', '3 c']
  const cases: [string, string, string[]][] = [
    ['keep three levels', '<ul><li>a<ul><li>b<ul><li>c</ul></ul></ul>', nested],
    ['keep a list placed directly in a list', '<ul><li>a<ul><li>b</ul></ul>', ['1 a', '2 b']],
    ['keep a list beside its item', '<ul><li>a</li><ul><li>b</li></ul></ul>', ['1 a', '2 b']],
    [
      'keep the items behind a list beside its item',
      '<ul><li>a</li><ul><li>b</li></ul><li>c</li></ul>',
      ['1 a', '2 b', '1 c'],
    ],
    ['keep terms with their definitions', '<dl><dt>T<dd>D</dl>', ['1 T D']],
  ]
  for (const [claim, html, outline] of cases) {
    it(claim, () => assert.deepEqual(outlineOf(convert(html)), outline))
  }

  it('keep what is done and what is not', () => {
    const html = '<ul><li><input type=checkbox checked> done<li><input type=checkbox> todo</ul>'
    assert.deepEqual(
      nodesOf(convert(html), 'listItem').map(({ checked }) => checked),
      [true, false],
    )
  })
})

describe('links', () => {
  const cases: [string, string, string[][]][] = [
    ['become absolute', '<a href="../x.html">r</a>', [['r', 'https://site.example/x.html']]],
    [
      'keep parentheses and spaces',
      '<a href="a (b).html">p</a>',
      [['p', 'https://site.example/docs/a%20(b).html']],
    ],
    ['lose their target when it is a script', '<a href="javascript:alert(1)">js</a>', []],
    ['lose their target when it is data', '<a href=" data:text/html,x">d</a>', []],
    [
      'keep brackets and quotes',
      '<a href="/x" title=\'a "q"\'>[b] "c"</a>',
      [['[b] "c"', 'https://site.example/x']],
    ],
    [
      'around a card lead from its heading and text',
      '<a href="/c"><h3>Title</h3><p>Text</p></a>',
      [
        ['Title', 'https://site.example/c'],
        ['Text', 'https://site.example/c'],
      ],
    ],
    [
      'stand for a frame',
      '<iframe src="//player.example/v/1" title="Talk"></iframe>',
      [['Talk', 'https://player.example/v/1']],
    ],
    [
      'stand for an embedded video by its page',
      '<iframe src="https://www.youtube-nocookie.com/embed/abcdefghijk" title="V"></iframe>',
      [['V', 'https://www.youtube.com/watch?v=abcdefghijk']],
    ],
  ]
  for (const [claim, html, links] of cases) {
    it(claim, () => assert.deepEqual(linksOf(html), links))
  }

  it('keep their text when the target is dropped', () => {
    assert.equal(textOf('<p><a href="javascript:x()">press <b>here</b></a></p>'), 'press here')
  })
})

describe('images', () => {
  const cases: [string, string, string[][]][] = [
    ['become absolute', '<img src="/a.png" alt="A">', [['A', 'https://site.example/a.png']]],
    [
      'are found behind a placeholder',
      '<img src="data:image/gif;base64,R0" data-src="b.png" alt="B">',
      [['B', 'https://site.example/docs/b.png']],
    ],
    [
      'are taken in the largest size offered',
      '<img srcset="/s.png 300w, /l.png 900w" alt="C">',
      [['C', 'https://site.example/l.png']],
    ],
    [
      'are found in a noscript',
      '<p><img src="/blank.gif" alt="D"><noscript><img src="/d.png" alt="D"></noscript></p>',
      [['D', 'https://site.example/d.png']],
    ],
    [
      'are found in a picture',
      '<picture><source srcset="/e.webp"><img src="/e.png" alt="E"></picture>',
      [['E', 'https://site.example/e.png']],
    ],
    ['that only count readers are dropped', '<p>x<img src="/t.gif" width=1 height=1></p>', []],
  ]
  for (const [claim, html, images] of cases) {
    it(claim, () => assert.deepEqual(imagesOf(html), images))
  }

  it('in a linked figure keep link and caption', () => {
    const html =
      '<figure><a href="/full.png"><img src="t.png" alt="T"></a><figcaption>Cap</figcaption></figure>'
    assert.deepEqual(linksOf(html), [['T', 'https://site.example/full.png']])
    assert.match(textOf(html), /Cap/)
  })

  it('written into the page become their description', () => {
    const markdown = convert('<p>x <img src="data:image/png;base64,AAAA" alt="Chart"> y</p>')
    assert.equal(plainText(parseMarkdown(markdown)), 'x [Chart] y')
  })
})

describe('formulas become TeX', () => {
  const katex = (tex: string) =>
    `<span class="katex"><span class="katex-mathml"><math><semantics><mrow><mi>x</mi></mrow><annotation encoding="application/x-tex">${tex}</annotation></semantics></math></span><span class="katex-html" aria-hidden="true">drawn</span></span>`
  const cases: [string, string, string][] = [
    ['KaTeX', `<p>In ${katex('x^2')} ok</p>`, 'x^2'],
    ['LaTeXML', '<math alttext="\\alpha" class="ltx_Math"><mi>α</mi></math>', '\\alpha'],
    [
      'Wikipedia',
      '<span class="mwe-math-element"><span style="display:none"><math alttext="{\\displaystyle E=mc^{2}}"><mi>E</mi></math></span><img class="mwe-math-fallback-image-inline" alt="{\\displaystyle E=mc^{2}}"></span>',
      'E=mc^{2}',
    ],
    [
      'MathJax 2',
      '<p>A <span class="MathJax_Preview">p</span><span class="MathJax">drawn</span><script type="math/tex">x_1</script></p>',
      'x_1',
    ],
    [
      'MathJax 3',
      '<p><mjx-container class="MathJax"><mjx-math>q</mjx-math><mjx-assistive-mml><math><mfrac><mi>a</mi><mi>b</mi></mfrac></math></mjx-assistive-mml></mjx-container></p>',
      '\\frac{a}{b}',
    ],
    ['bare MathML', '<p><math><msqrt><mi>x</mi></msqrt></math></p>', '\\sqrt{x}'],
    ['images', '<p><img class="latex" src="/l.png" alt="\\pi r^2"></p>', '\\pi r^2'],
  ]
  for (const [claim, html, tex] of cases) {
    it(claim, () => {
      const markdown = convert(html)
      assert.deepEqual(
        nodesOf(markdown, 'inlineMath').map(({ value }) => value),
        [tex],
      )
      assert.doesNotMatch(markdown, /drawn/)
    })
  }

  it('stand alone when they were displayed', () => {
    const html = `<span class="katex-display">${katex('\\sum_i x_i')}</span><script type="math/tex; mode=display">y</script>`
    assert.deepEqual(
      nodesOf(convert(html), 'math').map(({ value }) => value),
      ['\\sum_i x_i', 'y'],
    )
  })

  it('displayed within a paragraph stand between its halves', () => {
    const shown = (tex: string) => `<script type="math/tex; mode=display">${tex}</script>`
    const markdown = convert(
      `<p>Here ${shown('x=1')} and <span>then ${shown('y\nz')}</span> on.</p>`,
    )
    assert.deepEqual(nodesOf(markdown, 'paragraph').map(plainText), ['Here', 'and then', 'on.'])
    assert.deepEqual(
      nodesOf(markdown, 'math').map(({ value }) => value),
      ['x=1', 'y\nz'],
    )
  })

  it('displayed where no block can stand run with the text', () => {
    const markdown = convert('<h2>On <script type="math/tex; mode=display">x</script></h2>')
    assert.equal(markdown, '## On $x$\n')
  })

  it('leave dollars and delimiters of plain text alone', () => {
    const html = '<p>\\(x\\) costs $5 and $6, $x_1$</p>'
    assert.equal(textOf(html), '\\(x\\) costs $5 and $6, $x_1$')
    assert.deepEqual(nodesOf(convert(html), 'inlineMath'), [])
  })
})

describe('text', () => {
  const cases: [string, string, string][] = [
    [
      'keeps characters that mean something in Markdown',
      '<p>*a* _b_ # c 1. [x](y) `z` ~q~</p>',
      '*a* _b_ # c 1. [x](y) `z` ~q~',
    ],
    [
      'that looks like HTML stays text',
      '<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>',
      '<script>alert(1)</script>',
    ],
    ['keeps line breaks and keys', '<p>a<br>b <kbd>Ctrl</kbd></p>', 'a\nb Ctrl'],
    [
      'keeps what is raised and lowered',
      '<p>H<sub>2</sub>O 10<sup>6</sup> x<sup>ab</sup> 1<sup>st</sup></p>',
      'H₂O 10⁶ x^ab 1st',
    ],
    ['keeps the number of a note', '<p>said<sup id=r><a href="#n1">1</a></sup></p>', 'said[1]'],
    [
      'loses scripts, styles and noscript',
      '<p>x</p><script>1</script><style>2</style><noscript>3</noscript>',
      'x',
    ],
  ]
  for (const [claim, html, text] of cases) {
    it(claim, () => assert.equal(textOf(html).trim(), text))
  }

  it('keeps addresses written as text whole', () => {
    const markdown = convert(
      '<p>See https://site.example/a_b(c)?d=e*f. Mail me@site.example (http://x.example/).</p>',
    )
    assert.match(
      markdown,
      /<https:\/\/site\.example\/a_b\(c\)\?d=e\*f>\. Mail me@site\.example \(<http:\/\/x\.example\/>\)\./,
    )
  })

  it('keeps an address in angle brackets once in angle brackets', () => {
    assert.equal(
      convert('<p>at &lt;https://x.example/&gt; now</p>'),
      'at <https://x.example/> now\n',
    )
  })

  it('never becomes raw HTML', () => {
    const html =
      '<p>&lt;img src=x onerror=alert(1)&gt; <custom-x>y</custom-x></p><div onclick="x">z</div>'
    assert.deepEqual(nodesOf(convert(html), 'html'), [])
  })

  it('keeps emphasis whose edges have spaces', () => {
    const markdown = convert('<p>a<b> bold </b>b <i></i><del>x</del></p>')
    assert.deepEqual(nodesOf(markdown, 'strong').map(plainText), ['bold'])
    assert.deepEqual(nodesOf(markdown, 'delete').map(plainText), ['x'])
    assert.equal(plainText(parseMarkdown(markdown)), 'a bold b x')
  })

  it('keeps quotes with lists and code inside', () => {
    const [quote] = nodesOf(
      convert('<blockquote><p>q<ul><li>l</ul><pre>c</pre></blockquote>'),
      'blockquote',
    )
    assert.deepEqual(
      quote?.children.map(({ type }) => type),
      ['paragraph', 'list', 'code'],
    )
  })

  it('keeps a heading on one line without its link mark', () => {
    const markdown = convert('<h2 id=a>One<br>Two <a class="headerlink" href="#a">¶</a></h2>')
    assert.equal(markdown, '## One Two\n')
  })

  it('keeps the words of an accordion, not of the buttons beside a heading', () => {
    assert.equal(convert('<h3><button>Who pays?</button></h3>'), '### Who pays?\n')
    assert.equal(convert('<h3>Who <button>Copy</button></h3>'), '### Who\n')
  })

  it('keeps a heading in a summary a heading', () => {
    const markdown = convert('<details><summary><h4>Part</h4></summary>body</details>')
    assert.deepEqual(nodesOf(markdown, 'heading').map(plainText), ['Part'])
  })

  it('keeps paragraphs made of blocks apart', () => {
    const html = '<div>one</div><div>two<div>three</div></div>'
    assert.deepEqual(nodesOf(convert(html), 'paragraph').map(plainText), ['one', 'two', 'three'])
  })

  it('keeps a summary with its details', () => {
    assert.match(textOf('<details><summary>S</summary><p>body</p></details>'), /S\s*body/)
  })
})
