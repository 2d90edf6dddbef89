import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { isFrameHeading } from '../../../src/sources/guideline/frame-headings.ts'
import { partsOf } from '../../../src/sources/guideline/guideline-parts.ts'
import { structureOf } from '../../../src/sources/guideline/guideline-structure.ts'

const structure = (text: string) => structureOf(partsOf(text))
const sections = (text: string) => structure(text).sections.map(({ title }) => title)
const frame = (text: string) =>
  structure(text).frame.flatMap(({ title }) => (title === '' ? [] : [title]))

describe('the outline of a guideline, by its structure', () => {
  const framed = `## Global Context of the Workshop

**Part 1:**

- Lesson 1 - Beehives

**Part 2:**

- Lesson 2 - Wintering

### Point of View

We say we.

## Workshop Outline

1. Section 1: Why bees swarm
2. Section 2: Catching a swarm

## Section 1 - Why bees swarm

- crowding

## Section - Catching a swarm

**Key Points:**
- skeps

**References:**
- [a hive](https://e.com/hive)

## Section 3: Housing it

- a nucleus box

## Conclusion

- what to do next

## Workshop code

- [notebook](https://e.com/code)

## Golden Sources

- [Swarming](https://e.com/swarming)

## Colophon
`

  it('is the headings that share a numbered cue, up to the sources and the code', () => {
    assert.deepEqual(sections(framed), [
      'Why bees swarm',
      'Catching a swarm',
      'Housing it',
      'Conclusion',
    ])
  })

  it('leaves everything else to the frame, sources inside of a section too', () => {
    assert.deepEqual(frame(framed), [
      'Global Context of the Workshop',
      'Part 1',
      'Part 2',
      'Point of View',
      'Workshop Outline',
      'References',
      'Workshop code',
      'Golden Sources',
      'Colophon',
    ])
  })

  for (const [cues, text] of Object.entries({
    'Chapter and Roman numbers': '# T\n## Notes\n## Chapter I: Salt\n## Chapter II: Fat\n',
    'Step and numbers': '## Style\n### Step 1. Salt\n### Step 2. Fat\n',
    'a word of another language': '## Ziel\n## Teil 1 – Salt\n## Teil 2 – Fat\n',
    'bare numbers': '## Audience\n\n## 1. Salt\n\n## 2. Fat\n',
    'a word for one and a bare number for the other': '## Section 1 - Salt\n## 2. Fat\n',
    'lines in bold': 'For cooks.\n\n**Section 1: Salt**\n\n- x\n\n**Section 2: Fat**\n',
    letters: '## Readers\n## Part A: Salt\n## Part B: Fat\n',
  })) {
    it(`takes ${cues} for a cue`, () => assert.deepEqual(sections(text), ['Salt', 'Fat']))
  }

  it('is the headings that repeat the items of the list under an outline heading', () => {
    const text =
      '## Aim\n\n## Outline\n\n1. Salt\n2. Fat\n\n## Salt\n\n- brine\n\n## Fat\n\n## Tone\n\n## Links\n'
    assert.deepEqual(sections(text), ['Salt', 'Fat'])
    assert.ok(frame(text).includes('Tone'))
  })

  it('is the headings below an outline heading where no cue is shared', () => {
    const text = '## Audience\n\n## Outline\n\n### Salt\n\n### Fat\n\n## Style\n'
    assert.deepEqual(sections(text), ['Salt', 'Fat'])
  })

  it('is the list under an outline heading where headings say nothing', () => {
    const { sections: none, listed } = structure('## Context\n\n## Talk Outline\n\n- Salt\n- Fat\n')
    assert.deepEqual(none, [])
    assert.deepEqual(
      listed?.items.map(({ text }) => text),
      ['Salt', 'Fat'],
    )
  })

  it('is none where neither is there: then nothing is called frame', () => {
    assert.deepEqual(structure('# T\n\n## Salt\n\n## Redis: a primer\n'), {
      sections: [],
      listed: null,
      frame: [],
    })
  })

  it('is found in any text, each part at its place', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(
            fc.string(),
            fc.constantFrom(
              '## Section 1 - a',
              '## 2. b',
              '**Step 1: c**',
              '## Outline',
              '- d',
              '```',
            ),
          ),
        ),
        (lines) => {
          const text = lines.join('\n')
          const parts = partsOf(text)
          structureOf(parts)
          for (const [index, { start, end }] of parts.entries()) {
            assert.ok(start <= end && end <= text.length + 1)
            assert.ok(start >= (parts[index - 1]?.end ?? 0))
          }
        },
      ),
      { numRuns: 200 },
    )
  })
})

describe('a heading of the frame', () => {
  it('speaks of the piece, its readers and its making, in whatever order', () => {
    for (const heading of [
      'Global Context of the Tutorial',
      'What we are planning to share',
      'Why we think it’s valuable',
      'Expected length of the article',
      'Theory / Practice Ratio',
      'Who is the intended audience',
      'Concepts introduced in previous chapters of the course',
      'Point of View',
      'Writing Style & Tone of Voice',
      'Narrative Flow of the Post',
    ]) {
      assert.ok(isFrameHeading(heading), heading)
    }
  })

  it('names no topic', () => {
    for (const heading of [
      'Why bees swarm',
      'Writing an event store',
      'Point of sale systems',
      'The practice of wintering',
      '',
    ]) {
      assert.ok(!isFrameHeading(heading), heading)
    }
  })
})
