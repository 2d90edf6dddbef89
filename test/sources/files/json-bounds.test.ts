import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { isWithinBounds } from '../../../src/sources/files/json-bounds.ts'
import { NotebookInvalid, notebookToMarkdown } from '../../../src/sources/files/notebook.ts'

describe('the bounds of a JSON text', () => {
  const cases: [string, string, boolean][] = [
    ['as deep as allowed', '[[{"a":1}]]', true],
    ['deeper', '[[[[]]]]', false],
    ['brackets one after another', '[[],[]]', true],
    ['as many values as allowed', '[1,2,3,4,5]', true],
    ['more', '[1,2,3,4,5,6]', false],
    ['brackets and commas in a string', '"[[[[[[,,,,,,"', true],
    ['a quote in a string', '"\\"[[[[[["', true],
    ['a backslash at the end of a string', '["\\\\",[[[]]]]', false],
    ['a string without end', '["[[[[', true],
  ]
  for (const [what, text, within] of cases) {
    it(`${within ? 'hold' : 'do not hold'} ${what}`, () => {
      assert.equal(isWithinBounds(text, { depth: 3, values: 5 }), within)
    })
  }
})

describe('a notebook whose output nests without end', () => {
  it('is none', () => {
    const deep = `${'['.repeat(20_000)}${']'.repeat(20_000)}`
    const output = `{"output_type":"display_data","data":{"application/json":${deep}}}`
    const source = `{"nbformat":4,"cells":[{"cell_type":"code","source":"","outputs":[${output}]}]}`
    assert.throws(() => notebookToMarkdown(source), NotebookInvalid)
  })
})
