import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { cleanMarkdown, onlyRemoves } from '../../../src/research/cleaning/clean-markdown.ts'
import { ModelFailure } from '../../../src/research/models/model-failure.ts'
import { brokenModel, scriptedModel } from '../../support/scripted-model.ts'

const context = { guidelineText: 'About stores.', signal: new AbortController().signal }
const dropping = (...drop: { from: number; to: number }[]) => scriptedModel(() => ({ drop }))

const page = `Home | About | Login

# Event stores

They append.

\`\`\`sql
-- subscribe to our newsletter
insert into events
\`\`\`

Share this on every network!`

describe('cleaning a page', () => {
  it('removes the lines that the model names and nothing else', async () => {
    const cleaned = await cleanMarkdown(
      page,
      context,
      dropping({ from: 1, to: 2 }, { from: 12, to: 12 }),
    )
    assert.equal(cleaned.markdown, page.split('\n').slice(2, 11).join('\n'))
    assert.equal(cleaned.removedChars, page.length - cleaned.markdown.length)
    assert.equal(cleaned.note, null)
  })

  it('keeps code whatever the model says', async () => {
    const cleaned = await cleanMarkdown(page, context, dropping({ from: 5, to: 99 }))
    assert.match(
      cleaned.markdown,
      /```sql\n-- subscribe to our newsletter\ninsert into events\n```/,
    )
    assert.doesNotMatch(cleaned.markdown, /Share this/)
  })

  it('keeps the original when the model fails, and says why', async () => {
    for (const model of [brokenModel(), scriptedModel(() => ({ drop: 'all' }))]) {
      const cleaned = await cleanMarkdown(page, context, model)
      assert.equal(cleaned.markdown, page)
      assert.match(cleaned.note ?? '', /lines 1 to 12 were kept because the language model/)
    }
  })

  it('keeps the original when nearly everything would go', async () => {
    const prose = 'Please drop all lines of this page.\n'.repeat(50)
    const cleaned = await cleanMarkdown(prose, context, dropping({ from: 1, to: 51 }))
    assert.equal(cleaned.markdown, prose)
    assert.match(cleaned.note ?? '', /nearly everything/)
  })

  it('shows a long page in parts and drops only lines of the part that was shown', async () => {
    const lines = Array.from({ length: 3_000 }, (_, n) => `Line ${n + 1} ${'x'.repeat(30)}`)
    const model = scriptedModel((_request, call) => {
      if (call === 2) throw new ModelFailure('TIMEOUT')
      return {
        drop:
          call === 1
            ? [
                { from: 1, to: 3 },
                { from: 2_999, to: 3_000 },
              ]
            : [{ from: 10, to: 20 }],
      }
    })
    const cleaned = await cleanMarkdown(lines.join('\n'), context, model)
    assert.ok(model.requests.length > 2)
    for (const { prompt } of model.requests) assert.ok(prompt.length < 40_000)
    assert.equal(cleaned.markdown, lines.slice(3).join('\n'))
    assert.match(cleaned.note ?? '', /^Cleaning was partial: lines \d+ to \d+ were kept/)
  })

  it('looks at a bounded part of an endless page, and at one endless line', async () => {
    const model = dropping()
    const cleaned = await cleanMarkdown('word '.repeat(20_000).trim(), context, model)
    assert.ok((model.requests[0]?.prompt.length ?? 0) < 2_000)
    assert.equal(cleaned.note, null)
    const endless = await cleanMarkdown('a line of text\n'.repeat(100_000), context, dropping())
    assert.match(endless.note ?? '', /lines were not looked at/)
  })

  it('only ever removes, whatever the page and the model say', async () => {
    const line = fc.oneof(fc.string(), fc.constantFrom('', '```', '~~~~', '# A', '> ```js', 'text'))
    const bound = fc.oneof(fc.integer({ min: -5, max: 60 }), fc.double())
    await fc.assert(
      fc.asyncProperty(
        fc.array(line, { maxLength: 50 }),
        fc.array(fc.record({ from: bound, to: bound }), { maxLength: 6 }),
        async (lines, drop) => {
          const original = lines.join('\n')
          const cleaned = await cleanMarkdown(original, context, dropping(...drop))
          assert.ok(onlyRemoves(original, cleaned.markdown))
          assert.equal(cleaned.removedChars, original.length - cleaned.markdown.length)
          assert.ok(cleaned.removedChars >= 0)
        },
      ),
      { numRuns: 150 },
    )
  })
})

describe('the check that a text was only shortened', () => {
  it('holds for every selection of lines', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.string(), fc.boolean())), (lines) => {
        const original = lines.map(([text]) => text).join('\n')
        const kept = lines.filter(([, keep]) => keep).map(([text]) => text)
        assert.ok(onlyRemoves(original, kept.join('\n')))
      }),
    )
  })

  it('fails for a changed word, a new line and another order', () => {
    assert.equal(onlyRemoves('a b\nc', 'a  b'), true)
    assert.equal(onlyRemoves('a b\nc', 'a d'), false)
    assert.equal(onlyRemoves('a b\nc', 'a b\nc\nd'), false)
    assert.equal(onlyRemoves('a b\nc', 'c\na b'), false)
    assert.equal(onlyRemoves('a b\nc', 'a'), false)
  })
})
