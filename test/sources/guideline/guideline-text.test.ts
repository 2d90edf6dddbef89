import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { maxGuidelineBytes, readGuideline } from '../../../src/sources/guideline/guideline-text.ts'
import { startTestApp } from '../../support/app.ts'
import { fileForm, form } from '../../support/form.ts'

const fits = 'é'.repeat(maxGuidelineBytes / 2)

describe('the size of a guideline', () => {
  it('may be exactly one mebibyte, and not a byte more', () => {
    assert.equal(maxGuidelineBytes, 1_048_576)
    assert.equal(readGuideline(Buffer.from(fits)), fits)
    assert.throws(() => readGuideline(Buffer.from(`${fits}a`)), {
      code: 'GUIDELINE_TOO_LARGE',
      details: { size: maxGuidelineBytes + 1, max: maxGuidelineBytes },
    })
  })

  it('may be that also as JSON, as a file, as pasted and as plain text', async () => {
    await using test = await startTestApp()
    const plain = { 'content-type': 'text/markdown; charset=utf-8' }
    for (const sent of [
      { payload: { guideline: fits } },
      fileForm('guideline.md', fits),
      form([{ field: 'guideline', body: fits }]),
      { payload: fits, headers: plain },
    ]) {
      const answer = await test.app.inject({ method: 'POST', url: '/articles', ...sent })
      assert.equal(answer.statusCode, 201, answer.body.slice(0, 300))
    }
  })
})
