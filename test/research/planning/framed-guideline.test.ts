import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { articleTitle } from '../../../src/research/planning/article-title.ts'
import { outlineOf } from '../../../src/research/planning/outline.ts'
import { planQueries } from '../../../src/research/planning/plan-queries.ts'

/** In the form that course authors use: a frame, an outline with wants, and sources by rank. */
const guideline = `## Global Context of the Lesson

### What We Are Planning to Share

In this lesson, we will explore swarm control in city apiaries.

### Expected Length of the Lesson

**3000 words**, where we assume that 200 words are a minute.

### Point of View

Say 'we' for the team and 'you' for the reader.

### Concepts That Will Be Introduced in Future Lessons

- **Lesson 7 - Overwintering**: fondant, insulation and moisture

## Lesson Outline

1. Section 1: Introduction
2. Section 2: Why colonies swarm
3. Section 3: Splitting a colony
4. Section 4: Conclusion

## Section 1: Introduction

- **Quick reference to what we've learned in previous lessons:** queens and drones
- **The Problem:** When a colony swarms in a street, neighbours call the fire brigade.
- **Section length:** 150 words

## Section 2: Why colonies swarm

**Purpose:** Explain what makes a colony swarm.

**Key Points:**
- Queen pheromone and crowded brood nests
- Add a mermaid diagram of the swarming season
- **Bee:** asks for room
- **Weather triggers:** a warm day after a week of rain
- To transition to the next section, say that splits come next

## Section 3 - Splitting a colony

- This section is practice-oriented.
- Follow the code from the Notebook to simulate a split step-by-step:
    1. Import the libraries
    2. Show the output of \`simulate_split()\`
- **Walk-away splits:** for those who do not find the queen
- Explain that nucleus boxes need young bees
- **Section length:** 400 words

## Section 4 - Conclusion

- Swarm control as the bridge between beekeeping and its neighbourhood

## Golden Sources

- [Swarming](https://e.com/swarming)
`

const plan = async (pastQueries: readonly string[]) =>
  planQueries(
    {
      guidelineText: guideline,
      title: articleTitle(guideline),
      linkTitles: [],
      sourceExcerpts: [],
      pastQueries,
      results: [],
      count: 5,
      year: 2026,
      signal: new AbortController().signal,
    },
    null,
  )

describe('a guideline whose frame is larger than its outline', () => {
  it('has the sections of its outline, and what each wants without notes to the author', () => {
    assert.deepEqual(
      outlineOf(guideline).map(({ title, points }) => [title, points]),
      [
        ['Introduction', ['neighbours call the fire brigade.']],
        ['Why colonies swarm', ['Queen pheromone and crowded brood nests', 'Weather triggers']],
        ['Splitting a colony', ['Walk-away splits', 'Explain that nucleus boxes need young bees']],
        ['Conclusion', ['Swarm control as the bridge between beekeeping and its neighbourhood']],
      ],
    )
  })

  it('is asked about section by section, never about its frame', async () => {
    const asked: { query: string; reason: string }[] = []
    for (let round = 0; round < 3; round++) {
      const { queries } = await plan(asked.map(({ query }) => query))
      asked.push(...queries)
    }
    assert.deepEqual(
      asked.slice(0, 4).map(({ reason }) => /“(.*)”/.exec(reason)?.[1]),
      ['Introduction', 'Why colonies swarm', 'Splitting a colony', 'Conclusion'],
    )
    assert.equal(asked.filter(({ reason }) => reason.startsWith('“')).length, 15)
    for (const { query } of asked) {
      assert.match(query, /swarm/i)
      assert.doesNotMatch(
        query,
        /lesson|length|words|point of view|future|overwinter|mermaid|notebook|transition|import/i,
      )
    }
  })
})
