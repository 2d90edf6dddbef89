import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { startChild } from './child-process.ts'
import { startNova } from './nova-process.ts'

const silent = new URL('./silent-program.ts', import.meta.url)

describe('a wait for a process that goes on and says nothing', () => {
  it('ends, with what the process complained of', async () => {
    await using child = startChild(silent)
    assert.equal(await child.answer(), 'begun')
    await assert.rejects(
      child.answer(200),
      /^Error: waited \d\.\d s in vain for an answer of the child, which says: I am stuck\n$/,
    )
  })

  it('ends, with what nova printed', async () => {
    await using nova = startNova([], {}, undefined, silent.pathname)
    await nova.printed(/begun/)
    await assert.rejects(
      nova.printed(/never/, 200),
      /^Error: waited \d\.\d s in vain for \/never\/ in what nova prints: [\s\S]*I am stuck/,
    )
  })
})
