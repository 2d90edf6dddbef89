import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { notebookToMarkdown } from '../../../src/sources/files/notebook.ts'

type Json = Record<string, unknown>

const notebook = () => ({
  nbformat: 4,
  nbformat_minor: 5,
  metadata: { kernelspec: { name: 'python3', language: 'python' } },
  cells: [
    { cell_type: 'markdown', metadata: {}, source: ['# Head\n', 'words'] },
    {
      cell_type: 'code',
      execution_count: 1,
      metadata: {},
      source: 'first()',
      outputs: [
        { output_type: 'stream', name: 'stdout', text: ['streamed\n'] },
        { output_type: 'execute_result', metadata: {}, data: { 'text/plain': 'result' } },
        { output_type: 'error', ename: 'E', evalue: 'v', traceback: ['traced'] },
      ],
    },
    { cell_type: 'code', metadata: {}, source: 'last()', outputs: [] as unknown[] },
  ],
})

/** Texts, and the path of the part that holds each. */
const places: readonly (readonly [string, readonly (string | number)[]])[] = [
  ['words', ['cells', 0]],
  ['first()', ['cells', 1]],
  ['streamed', ['cells', 1, 'outputs', 0]],
  ['result', ['cells', 1, 'outputs', 1]],
  ['traced', ['cells', 1, 'outputs', 2]],
  ['last()', ['cells', 2]],
]

const parts = [
  ...places.map(([, path]) => path),
  ['metadata'],
  ['metadata', 'kernelspec'],
  ['nbformat_minor'],
  ['cells', 0, 'source'],
  ['cells', 1, 'source'],
  ['cells', 1, 'outputs'],
  ['cells', 1, 'outputs', 0, 'text'],
  ['cells', 1, 'outputs', 1, 'output_type'],
  ['cells', 1, 'outputs', 1, 'data'],
  ['cells', 1, 'outputs', 2, 'traceback'],
  ['cells', 2, 'cell_type'],
]

const set = (value: unknown, [key, ...rest]: readonly (string | number)[], to: unknown): void => {
  const object = value as Json
  if (rest.length === 0) object[key ?? ''] = to
  else set(object[key ?? ''], rest, to)
}

const reversed = (value: unknown): unknown =>
  Array.isArray(value)
    ? value.map(reversed)
    : typeof value === 'object' && value !== null
      ? Object.fromEntries(
          Object.entries(value)
            .reverse()
            .map(([k, v]) => [k, reversed(v)]),
        )
      : value

describe('a notebook with something broken in it', () => {
  it('keeps everything beside any one part, whatever stands in its place, in any order of keys', () => {
    const value = fc.constantFrom<unknown>(null, 7, 'x', false, [], {}, [null, 7])
    fc.assert(
      fc.property(fc.constantFrom(...parts), value, fc.boolean(), (path, broken, turned) => {
        const json = notebook()
        set(json, path, broken)
        const shown = notebookToMarkdown(JSON.stringify(turned ? reversed(json) : json))
        for (const [text, at] of places) {
          const within = path.every((key, n) => n >= at.length || at[n] === key)
          if (!within) assert.ok(shown.includes(text), `${text} in ${shown}`)
        }
      }),
    )
  })

  it('shows the other outputs beside one without a type, and that one by its fields', () => {
    const json = notebook()
    json.cells[1]?.outputs?.splice(
      0,
      3,
      { data: { 'text/plain': '42' } },
      { name: 'stdout', text: 'kept' },
      { ename: 'KeyError', evalue: "'a'" },
    )
    const shown = notebookToMarkdown(JSON.stringify(json))
    assert.match(shown, /```text\n42\n```/)
    assert.match(shown, /```text\nkept\n```/)
    assert.match(shown, /```text\nKeyError: 'a'\n```/)
  })

  it('says where a cell or an output could not be read', () => {
    const json = notebook()
    set(json, ['cells', 0], 7)
    set(json, ['cells', 2, 'outputs'], [null, { data: { 'application/vnd.plotly.v1+json': {} } }])
    const shown = notebookToMarkdown(JSON.stringify(json))
    assert.match(shown, /^\[a cell that could not be read\]\n/)
    assert.match(
      shown,
      /\[an output that could not be read\]\n\n\[application\/vnd.plotly.v1\+json output\]\n$/,
    )
  })
})

describe('a notebook in the JSON that Python writes', () => {
  it('may hold NaN, Infinity and a byte order mark, and words like them stay words', () => {
    const source = JSON.stringify(notebook())
      .replace('"result"', '"NaN and -Infinity \\"NaN\\""')
      .replace('"execution_count":1', '"execution_count":NaN')
      .replace(
        '"metadata":{},"source":"last()"',
        '"metadata":{"y":[NaN,-Infinity,Infinity]},"source":"last()"',
      )
    const shown = notebookToMarkdown(`\ufeff${source}`)
    assert.match(shown, /NaN and -Infinity "NaN"/)
    assert.match(shown, /last\(\)/)
  })

  it('is told its language by its kernel when nothing else says it', () => {
    const of = (name: unknown) =>
      notebookToMarkdown(
        JSON.stringify({
          cells: [{ source: 'x', outputs: [] }],
          metadata: { kernelspec: { name } },
        }),
      )
    assert.equal(of('ir'), '```r\nx\n```\n')
    assert.equal(of('julia-1.11'), '```julia\nx\n```\n')
    assert.equal(of('python3'), '```python\nx\n```\n')
    assert.equal(of(null), '```python\nx\n```\n')
  })
})
