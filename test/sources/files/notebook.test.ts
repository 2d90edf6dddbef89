import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { NotebookInvalid, notebookToMarkdown } from '../../../src/sources/files/notebook.ts'

const code = (source: string | string[], ...outputs: object[]) => ({
  cell_type: 'code',
  source,
  outputs,
})
const notebook = (cells: object[], metadata: object = {}) =>
  notebookToMarkdown(JSON.stringify({ nbformat: 4, nbformat_minor: 5, metadata, cells }))

describe('a notebook as Markdown', () => {
  it('keeps text, code with the kernel language, raw cells and cell magics', () => {
    const cells = [
      { cell_type: 'markdown', source: ['# Title\n', 'text'] },
      code('x = 1'),
      code('%%bash\nls'),
      { cell_type: 'raw', source: 'raw' },
      code(''),
    ]
    assert.equal(
      notebook(cells, { kernelspec: { language: 'julia' } }),
      '# Title\ntext\n\n```julia\nx = 1\n```\n\n```bash\n%%bash\nls\n```\n\n```\nraw\n```\n',
    )
  })

  it('joins a stream, drops colours, and shows the last state of a progress bar', () => {
    const stream = (text: string | string[]) => ({ output_type: 'stream', name: 'stdout', text })
    const shown = notebook([
      code('', stream(['10%\r', '50%\r']), stream('100%\r\n\u001b[31mred\u001b[0m\n')),
    ])
    assert.equal(shown, 'Output:\n\n```text\n100%\nred\n```\n')
  })

  it('clips an output at the limit with a visible marker', () => {
    const output = { output_type: 'stream', text: 'x'.repeat(3500) }
    assert.match(notebook([code('', output)]), /\nx{3000}\n\[… 500 more characters left out\]\n/)
  })

  it('shows a traceback as text', () => {
    const output = {
      output_type: 'error',
      ename: 'E',
      evalue: 'v',
      traceback: ['\u001b[0;31mTraceback\u001b[0m', 'E: v'],
    }
    assert.equal(notebook([code('', output)]), 'Error:\n\n```text\nTraceback\nE: v\n```\n')
  })

  it('puts a placeholder for images and attachments, never their bytes', () => {
    const data = { 'image/png': 'iVBORw0KGgo'.repeat(100), 'text/plain': ['<Figure [1]>'] }
    const shown = notebook([
      {
        cell_type: 'markdown',
        source: '![plot](attachment:a.png)',
        attachments: { 'a.png': data },
      },
      code('', { output_type: 'display_data', data }),
    ])
    assert.equal(shown, '[image: plot]\n\n[image/png output: <Figure 1>]\n')
  })

  it('prefers the form that reads best', () => {
    const rich = (data: object) => notebook([code('', { output_type: 'execute_result', data })])
    assert.equal(rich({ 'text/markdown': '**x**', 'text/plain': 'y' }), '**x**\n')
    assert.equal(
      rich({ 'text/html': '<table>', 'text/plain': 'a b' }),
      'Output:\n\n```text\na b\n```\n',
    )
    assert.equal(rich({ 'application/json': { a: 1 } }), '```json\n{\n  "a": 1\n}\n```\n')
    assert.equal(rich({ 'text/html': '<b>x</b>' }), '```html\n<b>x</b>\n```\n')
  })

  it('reads nbformat 3 with its worksheets, inputs, headings and short keys', () => {
    const cells = [
      { cell_type: 'heading', level: 2, source: ['Head'] },
      {
        cell_type: 'code',
        language: 'python',
        input: ['1+1'],
        outputs: [
          { output_type: 'pyout', text: ['2'] },
          { output_type: 'pyerr', ename: 'A', evalue: 'b', traceback: [] },
          { output_type: 'display_data', png: 'iVBOR' },
        ],
      },
    ]
    assert.equal(
      notebookToMarkdown(JSON.stringify({ nbformat: 3, worksheets: [{ cells }], metadata: {} })),
      '## Head\n\n```python\n1+1\n```\n\nOutput:\n\n```text\n2\n```\n\nError:\n\n```text\nA: b\n```\n\n[image/png output]\n',
    )
  })

  it('lets no cell or output break out of its block', () => {
    const shown = notebook([
      code('"""\n```\n# out\n"""', { output_type: 'stream', text: '````\n# out' }),
    ])
    assert.match(shown, /^````python\n/)
    assert.match(shown, /\n`````text\n````\n# out\n`````\n$/)
    assert.equal(notebook([code('x')], { language_info: { name: 'py\n# h' } }), '```\nx\n```\n')
  })

  it('refuses what is no notebook', () => {
    for (const text of ['', '[]', '{}', 'null', '{"nbformat":5,"cells":[]}', '{"cells":[3]}']) {
      assert.throws(() => notebookToMarkdown(text), NotebookInvalid, text)
    }
  })

  it('survives outputs of wrong shapes', () => {
    assert.equal(
      notebook([
        code('x', { output_type: 'stream', text: 3 }),
        { cell_type: 'code', source: 'y', outputs: 3 },
      ]),
      '```python\nx\n```\n\n```python\ny\n```\n',
    )
  })
})
