import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { htmlToMarkdown } from '../../../src/sources/extraction/html-to-markdown.ts'
import { nodesOf, plainText, tablesOf } from '../../support/markdown.ts'

const convert = (html: string) => htmlToMarkdown(html, 'https://site.example/docs/page.html')
const codeOf = (html: string) =>
  nodesOf(convert(html), 'code').map(({ lang, value }) => [lang, value])

describe('tables become Markdown tables', () => {
  const cases: [string, string, string[][]][] = [
    [
      'with their header and rows',
      '<table><thead><tr><th>A<th>B</thead><tr><td>1<td>2</table>',
      [
        ['A', 'B'],
        ['1', '2'],
      ],
    ],
    [
      'with a bar in a cell',
      '<table><tr><th>A<th>B<tr><td>1<td>x|y</table>',
      [
        ['A', 'B'],
        ['1', 'x|y'],
      ],
    ],
    [
      'with the first row as header when none is marked',
      '<table><tr><td>A<td>B<tr><td>1<td>2</table>',
      [
        ['A', 'B'],
        ['1', '2'],
      ],
    ],
    [
      'with paragraphs, line breaks and lists in one line of a cell',
      '<table><tr><th>A<th>B<tr><td><p>one<p>two<td>x<br>y<ul><li>a<li>b</ul></table>',
      [
        ['A', 'B'],
        ['one<br>two', 'x<br>y<br>• a<br>• b'],
      ],
    ],
    [
      'with the columns that spans take',
      '<table><tr><th colspan=2>AB<th>C<tr><td rowspan=2>1<td>2<td>3<tr><td>4<td>5</table>',
      [
        ['AB', '', 'C'],
        ['1', '2', '3'],
        ['', '4', '5'],
      ],
    ],
    [
      'with a formula that holds a bar',
      '<table><tr><td>a<td><math alttext="P(x|y)"></math><tr><td>1<td>2</table>',
      [
        ['a', 'P(x\\vert y)'],
        ['1', '2'],
      ],
    ],
    [
      'with an empty header when each row has its own',
      '<table><tr><th>Born<td>1950<tr><th>Died<td>2000</table>',
      [
        ['', ''],
        ['Born', '1950'],
        ['Died', '2000'],
      ],
    ],
    [
      'with code lines in a cell',
      '<table><tr><th>A<th>B<tr><td>x<td><pre>a\nb</pre></table>',
      [
        ['A', 'B'],
        ['x', 'a<br>b'],
      ],
    ],
  ]
  for (const [claim, html, rows] of cases) {
    it(claim, () => assert.deepEqual(tablesOf(convert(html)), [rows]))
  }

  it('lose nothing of a table that was used for layout', () => {
    const inner = '<table><tr><th>x<th>y<tr><td>1<td>2</table>'
    const markdown = convert(`<table><tr><td>Left ${inner}<td>Right</table>`)
    assert.deepEqual(tablesOf(markdown), [
      [
        ['x', 'y'],
        ['1', '2'],
      ],
    ])
    assert.match(markdown, /Left[\s\S]*Right/)
  })

  it('keep a table that stands in a cell, a line for each of its rows', () => {
    const inner = '<table><tr><td>1<td>2<tr><td>3<td>4</table>'
    const html = `<table><tr><th>Name<th>Sizes<tr><td>wall<td>${inner}</table>`
    assert.deepEqual(tablesOf(convert(html)), [
      [
        ['Name', 'Sizes'],
        ['wall', '1 | 2<br>3 | 4'],
      ],
    ])
  })

  it('have their foot below their body, wherever it is written', () => {
    const html =
      '<table><thead><tr><th>A<th>B</thead><tfoot><tr><td>sum<td>3</tfoot><tbody><tr><td>x<td>3</table>'
    assert.deepEqual(tablesOf(convert(html)), [
      [
        ['A', 'B'],
        ['x', '3'],
        ['sum', '3'],
      ],
    ])
  })

  it('keep their caption in front', () => {
    const markdown = convert('<table><caption>Sizes</caption><tr><th>A<th>B<tr><td>1<td>2</table>')
    assert.match(markdown, /^Sizes\n\n\| A/)
  })

  it('stay small however large a span claims to be', () => {
    const row = `<tr>${'<td colspan=1000 rowspan=65534>x'.repeat(100)}</tr>`
    assert.ok(convert(`<table>${row}<tr><td>y</table>`).length < 100_000)
  })
})

describe('code blocks keep their language and exact text', () => {
  const cases: [string, string, string | null, string][] = [
    ['language-* class', '<pre><code class="language-ts">let x</code></pre>', 'ts', 'let x'],
    [
      'a wrapper of GitHub',
      '<div class="highlight highlight-source-python"><pre>print(<span>1</span>)\nx</pre></div>',
      'python',
      'print(1)\nx',
    ],
    [
      'highlight.js',
      '<pre><code class="hljs javascript">let x</code></pre>',
      'javascript',
      'let x',
    ],
    [
      'Sphinx',
      '<div class="highlight-python3 notranslate"><div class="highlight"><pre><span></span>import x\n</pre></div></div>',
      'python',
      'import x',
    ],
    [
      'SyntaxHighlighter',
      '<pre class="brush: java; toolbar: false">int x;</pre>',
      'java',
      'int x;',
    ],
    ['pandoc', '<pre class="sourceCode haskell"><code>main</code></pre>', 'haskell', 'main'],
    ['data-lang', '<figure data-lang="go"><pre><code>x := 1</code></pre></figure>', 'go', 'x := 1'],
    ['no language', '<pre>plain\n  indented</pre>', null, 'plain\n  indented'],
    ['backticks inside', '<pre><code>```\nx\n```</code></pre>', null, '```\nx\n```'],
    [
      'a table of line numbers',
      '<table class="highlighttable"><tr><td class="linenos"><div class="linenodiv"><pre>1\n2</pre></div></td><td class="code"><div class="highlight"><pre>a = 1\nb = 2\n</pre></div></td></tr></table>',
      null,
      'a = 1\nb = 2',
    ],
    [
      'a table of numbered lines',
      '<pre><code class="hljs python"><table class="hljs-ln"><tr><td class="hljs-ln-numbers">1</td><td class="hljs-ln-code">a</td></tr><tr><td class="hljs-ln-numbers">2</td><td class="hljs-ln-code">b</td></tr></table></code></pre>',
      'python',
      'a\nb',
    ],
    [
      'line numbers in spans',
      '<pre><code><span class="lineno">1 </span>a\n<span class="lineno">2 </span>b</code></pre>',
      null,
      'a\nb',
    ],
    ['line breaks and blocks', '<pre>a<br>b<div>c</div><div>d</div></pre>', null, 'a\nb\nc\nd'],
    [
      'one span per line with nothing between',
      '<pre class="shiki" data-language="ts"><code><span class="line">a</span><span class="line">b</span></code></pre>',
      'ts',
      'a\nb',
    ],
    [
      'line numbers that are links',
      '<pre><a href="#1" id="1">1</a>a\n<a href="#2" id="2">2</a>b</pre>',
      null,
      'a\nb',
    ],
    [
      'one code element per line',
      '<pre data-lang="python"><code><span>import os</span></code><code>print(os.name)</code></pre>',
      'python',
      'import os\nprint(os.name)',
    ],
    [
      'a row of two columns drawn in blocks',
      '<table><tr><td class="x"><div>1</div><div>2</div></td><td class="x-code"><div><div>a = 1</div><div>b = 2</div></div></td></tr></table>',
      null,
      'a = 1\nb = 2',
    ],
    [
      'numbers before each line, named by nobody',
      '<pre><div><div><style>.x{}</style><span>1</span><div>a = 1</div></div><div><span>2</span><div>b = 2</div></div></div></pre>',
      null,
      'a = 1\nb = 2',
    ],
    [
      'lines of an editor',
      '<div class="CodeMirror"><div class="line">a = 1</div><div class="line">  b = 2</div></div>',
      null,
      'a = 1\n  b = 2',
    ],
    ['a copy button', '<pre><button>Copy</button><code>x</code></pre>', null, 'x'],
  ]
  for (const [claim, html, lang, value] of cases) {
    it(claim, () => assert.deepEqual(codeOf(html), [[lang, value]]))
  }

  it('backtick in inline code', () => {
    const [code] = nodesOf(convert('<p>use <code>a`b</code></p>'), 'inlineCode')
    assert.equal(code?.value, 'a`b')
  })

  it('blocks inside a list item stay in it', () => {
    const html = '<ol start=3><li>x<pre><code class="language-sh">ls</code></pre><li>y</ol>'
    const [list] = nodesOf(convert(html), 'list')
    assert.equal(list?.start, 3)
    assert.deepEqual(
      list?.children.map((item) => item.children.map((child) => child.type)),
      [['paragraph', 'code'], ['paragraph']],
    )
    assert.equal(list && plainText(list), 'xlsy')
  })
})
