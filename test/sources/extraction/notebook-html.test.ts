import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createNotebookReader } from '../../../src/sources/extraction/notebook-reader.ts'
import { createExtractionProcess } from '../../../src/sources/extraction/process/extraction-process.ts'
import { NotebookInvalid } from '../../../src/sources/files/notebook.ts'
import { nodesOf, tablesOf } from '../../support/markdown.ts'

/** A notebook of one cell with one output in several forms. */
const showing = (...outputs: Record<string, unknown>[]) =>
  JSON.stringify({
    nbformat: 4,
    metadata: {},
    cells: [
      {
        cell_type: 'code',
        source: '',
        outputs: outputs.map((data) => ({ output_type: 'execute_result', data })),
      },
    ],
  })

/** What pandas writes for a data frame. */
const dataFrame = (rows: readonly string[]) => `<div>
<style scoped>
    .dataframe tbody tr th:only-of-type { vertical-align: middle; }
</style>
<table border="1" class="dataframe">
  <thead><tr style="text-align: right;"><th></th><th>queue</th><th>jobs</th></tr></thead>
  <tbody>${rows.map((name, row) => `<tr><th>${row}</th><td>${name}</td><td>${row * 10}</td></tr>`).join('\n')}</tbody>
</table>
<p>${rows.length} rows × 2 columns</p>
</div>`

async function reading(source: string, timeoutMs = 30_000): Promise<string> {
  const extraction = createExtractionProcess({ timeoutMs })
  try {
    return await createNotebookReader(extraction)(source)
  } finally {
    await extraction.close()
  }
}

describe('an HTML output of a notebook', () => {
  it('that is a data frame is a table, whatever its text says', async () => {
    const plain = '   queue  jobs\n0  disk      0\n1  a|b      10'
    const html = dataFrame(['disk', 'a|b']).split(/(?<=\n)/)
    const markdown = await reading(showing({ 'text/html': html, 'text/plain': plain }))
    assert.deepEqual(tablesOf(markdown), [
      [
        ['', 'queue', 'jobs'],
        ['0', 'disk', '0'],
        ['1', 'a|b', '10'],
      ],
    ])
    assert.match(markdown, /2 rows × 2 columns/)
    assert.doesNotMatch(markdown, /style|vertical-align|<table/)
  })

  it('that is longer than the limit is cut between two rows, visibly', async () => {
    const names = Array.from({ length: 400 }, (_, row) => `queue number ${row}`)
    const markdown = await reading(showing({ 'text/html': dataFrame(names) }))
    const rows = tablesOf(markdown)[0] ?? []
    assert.ok(rows.length > 50 && rows.length < 200)
    assert.ok(rows.every((row) => row.length === 3 && row[2] !== ''))
    assert.match(markdown, /\n\n\[… \d+ more characters left out\]\n$/)
    assert.ok(markdown.length < 3_100)
  })

  it('is taken for an object whose text says only where it was', async () => {
    const html =
      '<b>All good</b><script>alert(1)</script><img src="data:image/png;base64,AAAA" alt="plot">'
    const plain = '<IPython.core.display.HTML object>'
    assert.equal(
      await reading(showing({ 'text/html': html, 'text/plain': plain })),
      '**All good**\\[plot]\n',
    )
  })

  it('is left where its text says the same', async () => {
    const markdown = await reading(showing({ 'text/html': '<b>7</b>', 'text/plain': '7' }))
    assert.equal(markdown, 'Output:\n\n```text\n7\n```\n')
  })

  it('that is a program says so, and brings no markup along', async () => {
    const html = '<script>draw()</script><div id="plot"></div>'
    assert.equal(await reading(showing({ 'text/html': html })), '[text/html output]\n')
  })

  it('cannot forge Markdown', async () => {
    const html =
      '<table><tr><th>a</th><th>b</th></tr><tr><td>[x](javascript:1)</td><td>`</td></tr></table>'
    const markdown = await reading(showing({ 'text/html': html }))
    assert.deepEqual(nodesOf(markdown, 'link'), [])
    assert.deepEqual(tablesOf(markdown)[0]?.[1], ['[x](javascript:1)', '`'])
  })

  it('that nests without end costs neither time nor the notebook', async () => {
    const deep = `<table><tr><th>kept</th><th>too</th></tr></table>${'<div>'.repeat(60_000)}`
    const markdown = await reading(showing({ 'text/html': deep, 'text/plain': 'x' }), 8_000)
    assert.deepEqual(tablesOf(markdown), [[['kept', 'too']]])
  })
})

describe('a notebook without HTML', () => {
  it('is read without the process of the converters', async () => {
    const unused = {
      run: () => Promise.reject(new Error('nobody asked for this')),
      convert: () => Promise.reject(new Error('nobody asked for this')),
      close: async () => undefined,
    }
    const read = createNotebookReader(unused)
    assert.equal(await read(showing({ 'text/plain': '7' })), 'Output:\n\n```text\n7\n```\n')
    await assert.rejects(read('{"text/html": 1}'), NotebookInvalid)
  })
})
