import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { linksInGuideline } from '../../../src/sources/guideline/guideline-links.ts'

const urls = (markdown: string) => linksInGuideline(markdown).links.map((link) => link.url)

/** One row each: what is written, and the links a CommonMark and GFM reader sees in it. */
const corpus: readonly (readonly [string, string, readonly string[]])[] = [
  ['inline', '[a](http://e.com/x "title")', ['http://e.com/x']],
  ['inline in angle brackets', '[a](<http://e.com/a)b>)', ['http://e.com/a)b']],
  ['inline with balanced parentheses', '[a](http://e.com/a_(b))', ['http://e.com/a_(b)']],
  ['inline with escaped parentheses', '[a](http://e.com/\\(x)', ['http://e.com/(x']],
  ['inline with an entity', '[a](http://e.com/?a=1&amp;b=2)', ['http://e.com/?a=1&b=2']],
  ['a space ends what is no link', '[a](http://e.com/ b c)', ['http://e.com/']],
  ['a link in emphasis', '***[a](http://e.com/x)***', ['http://e.com/x']],
  ['brackets in the text', '[a [b] c](http://e.com/x)', ['http://e.com/x']],
  [
    'a link inside a link is the inner one',
    '[a [b](http://e.com/in) c](http://e.com/out)',
    ['http://e.com/in', 'http://e.com/out'],
  ],
  [
    'an image in a link is not a source',
    '[![b](http://e.com/i.png)](http://e.com/x)',
    ['http://e.com/x'],
  ],
  ['a zero-width space behind an address', 'https://e.com/zw\u200b and more', ['https://e.com/zw']],
  [
    'a soft hyphen and a byte order mark within',
    '[a](https://e.com/lo\u00adng) <https://e.com/\ufeffx>',
    ['https://e.com/long', 'https://e.com/x'],
  ],
  [
    'the joiner that a Persian word needs',
    'https://fa.e.com/می\u200cخواهم',
    [`https://fa.e.com/${encodeURIComponent('می\u200cخواهم')}`],
  ],
  ['an image', '![b](http://e.com/i.png)', []],
  [
    'angle brackets',
    '<http://foo.bar.baz/test?q=hello&id=22&boolean>',
    ['http://foo.bar.baz/test?q=hello&id=22&boolean'],
  ],
  ['angle brackets keep a trailing dot', '<http://e.com/x.>', ['http://e.com/x.']],
  ['angle brackets around a space', '<https://e.com/baz bim>', []],
  [
    'a backslash is written as CommonMark writes it',
    '<https://e.com/\\[\\>',
    ['https://e.com/%5C%5B%5C'],
  ],
  ['brackets in an address', '[a<https://e.com/?s=](uri)>', ['https://e.com/?s=%5D(uri)']],
  ['code that is more than an address', '`<https://e.com/a.`b>`', []],
  [
    'links that failed around one that did not',
    '[a *[b [c](http://e.com/x)](http://e.com/x)*](http://e.com/x)',
    ['http://e.com/x'],
  ],
  ['upper case scheme', '<HTTP://e.com/X>', ['http://e.com/X']],
  ['upper case scheme, bare', 'HTTPS://e.com/X', ['https://e.com/X']],
  ['mail addresses', '<foo@bar.example.com> mailto:foo@bar.baz foo@bar.baz', []],
  [
    'other schemes',
    '<made-up-scheme://foo,bar> [a](javascript:alert(1)) [b](ftp://e.com/x) [c](data:text/html,x)',
    [],
  ],
  ['bare www', 'www.commonmark.org', ['http://www.commonmark.org']],
  [
    'bare www with path',
    'Visit www.commonmark.org/help for more.',
    ['http://www.commonmark.org/help'],
  ],
  ['bare ends before the dot', 'Visit www.commonmark.org.', ['http://www.commonmark.org']],
  ['inner dots stay', 'Visit www.commonmark.org/a.b.', ['http://www.commonmark.org/a.b']],
  [
    'bare keeps its own parentheses',
    'www.google.com/search?q=Markup+(business)',
    ['http://www.google.com/search?q=Markup+(business)'],
  ],
  [
    'one too many goes',
    'www.google.com/search?q=Markup+(business)))',
    ['http://www.google.com/search?q=Markup+(business)'],
  ],
  [
    'in parentheses',
    '(www.google.com/search?q=Markup+(business))',
    ['http://www.google.com/search?q=Markup+(business)'],
  ],
  [
    'parentheses inside stay',
    'www.google.com/search?q=(business))+ok',
    ['http://www.google.com/search?q=(business))+ok'],
  ],
  [
    'an entity at the end goes',
    'www.google.com/search?q=commonmark&hl;',
    ['http://www.google.com/search?q=commonmark'],
  ],
  ['< ends a bare link', 'www.commonmark.org/he<lp', ['http://www.commonmark.org/he']],
  [
    'bare with query',
    '(Visit https://encrypted.google.com/search?q=Markup+(business))',
    ['https://encrypted.google.com/search?q=Markup+(business)'],
  ],
  [
    'sentence marks after bare links',
    'http://e.com/a, http://e.com/b; "http://e.com/c" *http://e.com/d* http://e.com/e!',
    ['http://e.com/a', 'http://e.com/b', 'http://e.com/c', 'http://e.com/d', 'http://e.com/e'],
  ],
  ['bare after an unclosed bracket', '[see http://e.com/x', ['http://e.com/x']],
  ['no bare link inside a word', 'xhttp://e.com/x', []],
  ['full reference', '[a][B]\n\n[b]: http://e.com/x', ['http://e.com/x']],
  ['collapsed reference', '[b][]\n\n[b]: <http://e.com/x>', ['http://e.com/x']],
  ['shortcut reference, case folded', '[ẞ]\n\n[SS]: http://e.com/x', ['http://e.com/x']],
  [
    'the first of two definitions',
    '[a]\n\n[a]: http://e.com/1\n[a]: http://e.com/2',
    ['http://e.com/1'],
  ],
  ['an unused definition', 'text\n\n[a]: http://e.com/x', ['http://e.com/x']],
  ['a definition of an image', '![a]\n\n[a]: http://e.com/x.png', []],
  [
    'a reference where it is used',
    '[a] http://e.com/2\n\n[a]: http://e.com/1',
    ['http://e.com/1', 'http://e.com/2'],
  ],
  ['footnote', 'text[^1]\n\n[^1]: see http://e.com/x', ['http://e.com/x']],
  [
    'anchor in HTML',
    'a <a class="b" href="http://e.com/?a=1&amp;b=2">x</a>',
    ['http://e.com/?a=1&b=2'],
  ],
  ['anchor in an HTML block', "<div>\n<a href='http://e.com/x'>x</a>\n</div>", ['http://e.com/x']],
  ['anchor in a comment', '<!-- <a href="http://e.com/x">x</a> -->', []],
  ['image in HTML', '<img src="http://e.com/x.png">', []],
  [
    'table cells',
    '| a | b |\n|---|---|\n| http://e.com/1 | [x](http://e.com/2) |',
    ['http://e.com/1', 'http://e.com/2'],
  ],
  [
    'heading, quote, list',
    '# http://e.com/1\n> http://e.com/2\n- http://e.com/3',
    ['http://e.com/1', 'http://e.com/2', 'http://e.com/3'],
  ],
  ['indented continuation of a list', '- a\n\n    http://e.com/x', ['http://e.com/x']],
  [
    'not in code when something else is',
    '`http://e.com/1`\n\n```\nhttp://e.com/2\n```\n\n    http://e.com/3\n\nhttp://e.com/4',
    ['http://e.com/4'],
  ],
  [
    'in code when nothing else is',
    '`http://e.com/1`\n\n```\nhttp://e.com/2\n```',
    ['http://e.com/1', 'http://e.com/2'],
  ],
  ['escaped brackets are no link', '\\[a](http://e.com/x)', ['http://e.com/x']],
  ['escaped colon', 'http\\://e.com/x', []],
  ['spaces and letters beyond ASCII', '[a](<http://e.com/a b/ü>)', ['http://e.com/a%20b/%C3%BC']],
  ['a password is dropped', '[a](https://user:secret@e.com/x)', ['https://e.com/x']],
  ['relative', '[a](/x) [b](../y) [c](#z) [d](//e.com/x)', []],
]

describe('links in a guideline', () => {
  for (const [name, markdown, expected] of corpus) {
    it(`${name}: ${JSON.stringify(markdown).slice(0, 60)}`, () => {
      assert.deepEqual(urls(markdown), expected)
    })
  }

  it('two spellings of one address are one link, fetched as first written', () => {
    const text = [
      'http://Example.com:80/a/?utm_source=x&b=2&a=1#top',
      'https://example.com/a?a=1&b=2',
      'https://www.youtube.com/watch?v=dQw4w9WgXcQ&t=42s',
      'https://youtu.be/dQw4w9WgXcQ?si=abc',
      'https://github.com/Owner/Repo.git',
      'https://github.com/owner/repo/',
      'https://github.com/owner/repo/tree/feature%2Fx',
      'https://github.com/Owner/repo/tree/feature/x',
    ].join('\n\n')
    assert.deepEqual(urls(text), [
      'http://Example.com:80/a/?utm_source=x&b=2&a=1#top',
      'https://www.youtube.com/watch?v=dQw4w9WgXcQ&t=42s',
      'https://github.com/Owner/Repo.git',
      'https://github.com/owner/repo/tree/feature%2Fx',
    ])
  })

  it('a reference finds its definition however far away it stands', () => {
    const filler = 'A paragraph of prose.\n\n'.repeat(2000)
    const text = `[see this][far] and [http://no.example/x][far]\n\n${filler}[far]: http://e.com/far\n`
    assert.deepEqual(urls(text), ['http://e.com/far'])
  })

  it('ten thousand links in one mebibyte are all found, in order', () => {
    const lines = Array.from(
      { length: 10_000 },
      (_, n) => `- [Link ${n}](https://e.com/p/${n}) ${'word '.repeat(12)}`,
    )
    assert.deepEqual(
      urls(lines.join('\n')),
      lines.map((_, n) => `https://e.com/p/${n}`),
    )
  })

  it('a large block of code stays code', () => {
    const code = 'items[a[0]] = f(["x"]) # http://e.com/code\n'.repeat(10_000)
    assert.deepEqual(urls(`\`\`\`py\n${code}\`\`\`\n\nhttp://e.com/x`), ['http://e.com/x'])
  })

  it('a single paragraph of ten thousand links gives every one of them', () => {
    const words = Array.from({ length: 10_000 }, (_, n) => `[Link ${n}](https://e.com/p/${n})`)
    assert.equal(urls(words.join(' ')).length, 10_000)
  })

  // Each of these takes minutes or the stack of a parser that is given the whole at once.
  for (const unit of [
    '[a](',
    '](',
    '>',
    '*a_ ',
    '[^a]',
    '[a]: <',
    '[a](<b',
    '`',
    '- ',
    'a\n',
    '<a ',
    'a-',
    'http://a.b/(',
  ]) {
    it(`half a mebibyte of ${JSON.stringify(unit)} hides no link after it`, () => {
      const text = `${unit.repeat(Math.ceil(2 ** 19 / unit.length))} [x]<\n\nhttps://e.com/after\n`
      assert.ok(urls(text).includes('https://e.com/after'))
    })
  }
})

describe('local files a guideline names', () => {
  const files = (markdown: string) => linksInGuideline(markdown).localFiles

  it('come from links, code spans and list items, each once by its base name', () => {
    const text =
      'See [notes](./docs/My%20notes.md#part), `src/train.py` and `C:\\data\\table.csv`.\n\n- notebooks/eda.ipynb (the data)\n- "docs/train.py"\n- plain words, Node.js, v1.2\n'
    assert.deepEqual(files(text), ['My notes.md', 'train.py', 'table.csv', 'eda.ipynb'])
  })

  it('meet an upload whose name is spelled with combining accents', () => {
    assert.deepEqual(files('`re\u0301sume\u0301.md`'), ['r\u00e9sum\u00e9.md'])
  })

  it('are never parts of a web address, products or pictures', () => {
    assert.deepEqual(
      files('- https://e.com/a.md\n- [x](https://e.com/b.py)\n- Next.js\n- a.png\n'),
      [],
    )
  })

  it('are at most two hundred', () => {
    const text = Array.from({ length: 500 }, (_, n) => `- \`file-${n}.md\``).join('\n')
    assert.equal(files(text).length, 200)
  })
})

describe('a guideline at its bounds', () => {
  it('names addresses of 8,000 characters, and none that is longer', () => {
    const start = 'https://e.com/'
    const longest = start + 'a'.repeat(8_000 - start.length)
    assert.deepEqual(urls(`[x](${longest}) [y](${longest}b)`), [longest])
  })

  it('is told code from links in fifty quotes and beside a long rule, and not in seventy quotes', () => {
    const text = '[x](https://e.com/x) `https://e.com/code`'
    assert.deepEqual(urls('> '.repeat(50) + text), ['https://e.com/x'])
    assert.deepEqual(urls(`${'- '.repeat(100)}\n\n${text}`), ['https://e.com/x'])
    assert.deepEqual(urls('> '.repeat(70) + text), ['https://e.com/x', 'https://e.com/code'])
  })
})
