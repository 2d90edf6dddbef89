import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { htmlPage } from '../../../src/sources/extraction/html-page.ts'

const source = (name: string) =>
  readFileSync(new URL(`../../fixtures/pages/${name}.html`, import.meta.url), 'utf8')

async function textOf(html: string): Promise<string> {
  const { markdown } = await htmlPage(html, 'https://site.example/x/y')
  return markdown
    .replaceAll('\\', '')
    .replace(/!?\[|\]\([^)]*\)|[|*#`]|<br>/g, ' ')
    .replace(/\s+/g, ' ')
    .replace(/ ([.:!?])/g, '$1')
}

const everywhere = ['Home page link', 'Our services', 'Privacy statement', 'All rights reserved']
const posts = [
  'marta_k I am moving our workers',
  'old_tom Stop the producers first',
  'quietbyte We just pause',
  'marta_k Thanks! But the producers',
  'lena.s Then you need a second queue',
  'old_tom Agreed with lena.s',
  'ferret +1',
  'nadja99 Do not forget the dead letter queue',
  'quietbyte What about delayed jobs?',
  'lena.s Move them with a script',
]

const kinds: [string, string, string[], string[]][] = [
  [
    'a shop’s product keeps price, list, specifications and reviews',
    'product',
    [
      ...['$1,049.00', 'In stock', 'Hinges in three strengths', 'Fingerprint reader', '72 Wh'],
      ...['4 expansion cards', 'Swapped the memory', 'Ines'],
    ],
    ['Other laptop', 'cookies', 'Related products', 'Add to cart'],
  ],
  [
    'a product told in blocks keeps all of them',
    'product-cards',
    ['€49.90', '4.6 out of 5', 'Boils one litre', 'Steel inside', '2200 W', '80 cm'],
    ['Other toaster', 'Customers also bought', 'Add to basket'],
  ],
  [
    'a listing keeps every item with its small print',
    'listing',
    [
      ...['Six teams', 'Database engineer', 'Lisbon', 'Make ranking', 'Graz', 'Find what people'],
      ...['Security engineer', 'Break it before'],
    ],
    ['cookies', 'Next page of results'],
  ],
  [
    'a collection keeps every entry',
    'collection',
    ['pgbench', 'Load a PostgreSQL server', 'vegeta', 'fio', 'Network throughput'],
    ['Subscribe now', 'Newsletter'],
  ],
  [
    'a category of a shop keeps names and prices',
    'shop-category',
    ['Tea things', 'Blue mug', '$12.00', 'Tea strainer', '$7.20', 'Milk jug', '$18.00'],
    ['Add to cart'],
  ],
  [
    'a question keeps its answers, with who gave them',
    'question-answers',
    [
      ...['queue.join()', 'asker_anna', 'You never mark', 'queue.task_done()', 'deepwell'],
      ...['Use a sentinel', 'briefly', 'Since 3.13', 'kolja'],
    ],
    ['Related', 'Thread pools that never end'],
  ],
  [
    'documentation keeps its parts and loses its side bars',
    'documentation',
    [
      'tried again after a pause',
      'not idempotent',
      'npm install jobs',
      'backoffMs',
      'Jitter is on',
    ],
    ['Chapter link', 'On this page', 'Next: Timeouts'],
  ],
  [
    'a page of services keeps plans and answers',
    'service',
    ['Hosting that stays up', 'Thirty days back', '€9 a month', '10 GB', '10 sites', 'Any day'],
    ['cookies'],
  ],
  [
    'a story keeps its text and nothing else',
    'news',
    ['The harbour authority', 'since 1974', 'Hanna Ortiz', '14 million', 'vote on the final route'],
    [
      ...['cookies', 'Share on Facebook', 'morning letter', 'Ferry prices', 'Readers comment'],
      ...['Ten beaches', 'Related stories'],
    ],
  ],
]

describe('of the kinds of pages', () => {
  for (const [claim, name, kept, gone] of kinds) {
    it(claim, async () => {
      const text = await textOf(source(name))
      assert.deepEqual(
        kept.filter((snippet) => !text.includes(snippet)),
        [],
      )
      assert.deepEqual(
        [...gone, ...everywhere].filter((snippet) => text.includes(snippet)),
        [],
      )
    })
  }

  for (const name of ['forum-thread', 'forum-table']) {
    it(`a thread keeps every post with its author (${name})`, async () => {
      const text = (await textOf(source(name)))
        .replace(/Posts: \d+ /g, '')
        .replace(/Joined: 2019 */g, ' ')
        .replace(/(Posted: )?March \d+, 2025/g, ' ')
        .replace(/\s+/g, ' ')
      assert.deepEqual(
        posts.filter((post) => !text.includes(post)),
        [],
      )
      const noise = ['Quote', 'Report', 'Why is my broker slow', ...everywhere]
      assert.deepEqual(
        noise.filter((snippet) => text.includes(snippet)),
        [],
      )
    })
  }

  it('a story stays one when its comments are longer than it', async () => {
    const html = source('news')
    const [comment = ''] = /<div class="comment">.*?<\/div>/.exec(html) ?? []
    const text = await textOf(html.replace(comment, comment.repeat(40)))
    assert.ok(text.includes('vote on the final route'))
    assert.ok(!text.includes('Readers comment'))
  })

  it('a row of a thousand items is read like any other', async () => {
    const items = Array.from(
      { length: 1_000 },
      (_, n) =>
        `<div class="row"><a href="/${n}">Item ${n}</a><span>${n} things in stock</span></div>`,
    )
    const text = await textOf(`<title>T</title><h1>Stock</h1><div>${items.join('')}</div>`)
    assert.ok(text.includes('Item 999'))
  })
})
