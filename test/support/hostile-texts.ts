export const mebibyte = 1024 * 1024
/** A text of this length made of one unit. */
export const filled = (unit: string, length = mebibyte) =>
  unit.repeat(Math.ceil(length / unit.length)).slice(0, length)

/** Texts that take a parser long; each names an address, so that none is passed over. */
export const hostileTexts: Readonly<Record<string, string>> = {
  'one paragraph': filled('Words upon words, see www.a.example for more of them. '),
  'wrapped prose without empty lines': filled(
    'Some words of https://a.example/ that go on\nand on ',
  ),
  'one row of 100,000 cells': `|${' a |'.repeat(100_000)}\n|${'-|'.repeat(100_000)}\n|${' http://a.b |'.repeat(20_000)}`,
  'a table of 20,000 rows': `| a | b |\n|---|---|\n${'| http://a.b | c |\n'.repeat(20_000)}`,
  brackets: filled('[', 50_000),
  'links without end': filled('[a](', 200_000),
  backticks: filled('` `` ', 250_000),
  quotes: filled('> ', 100_000),
  'quoted lines': filled('> > > http://a.b\n', 500_000),
  pipes: filled('|', 50_000),
  'list markers': filled('- ', 100_000),
  'nested lists': Array.from(
    { length: 1_000 },
    (_, n) => `${' '.repeat(2 * n)}- http://a.b\n`,
  ).join(''),
  'emphasis runs': filled('*a **b _c ', 500_000),
  entities: filled('&amp;&#x41;&', 500_000),
  'nested HTML': filled('<div><b><a href="http://a.b">', 500_000),
  definitions: filled('[a]: http://a.b\n', 500_000),
  footnotes: filled('[^a]: b [^a] http://a.b\n', 500_000),
}

/** 3.8 MB around 100,000 lists in lists. */
export const deepJson = (name: string) =>
  `{"${name}":${'['.repeat(100_000)}"${'x'.repeat(3_600_000)}"${']'.repeat(100_000)}}`
