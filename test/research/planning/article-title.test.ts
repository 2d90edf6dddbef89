import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { articleTitle } from '../../../src/research/planning/article-title.ts'

const outline = `
## Outline

1. Introduction: a decision for every beekeeper
2. Swarm control
3. Artificial swarms

## Section 1 - Introduction: a decision for every beekeeper

- Swarm control begins in April, and swarm control never ends.

## Section 2 - Swarm control

- Swarm control by splitting a colony.

## Section 3 - Artificial swarms

- An artificial swarm is swarm control that keeps the queen.
`

describe('the title of an article', () => {
  const titles: [string, string, string][] = [
    ['is its own heading', '# Article guideline: Keeping bees\n\n## Audience\n', 'Keeping bees'],
    [
      'is the only heading of the first level, wherever it stands',
      '## Audience\n\nAll.\n\n# Keeping bees\n\n## Swarms\n',
      'Keeping bees',
    ],
    ['is a line that says so', '## Context\n\n**Title:** Keeping bees\n', 'Keeping bees'],
    [
      'is what the list of a series calls this part of it',
      '## Lesson Scope\n\nThis is lesson 2 (from part 1) of a course on bees.\n\n- **Lesson 1 - Hives**: wood\n- **Lesson 2 - Swarm Control**: in spring\n\n## Section 1: Queens\n## Section 2: Splits\n',
      'Swarm Control',
    ],
    [
      'is what the guideline says that this part is about',
      '## Context\n\nNow we are writing chapter 7 on catching a swarm in a city. It is short.\n\n## Section 1: Queens\n## Section 2: Splits\n',
      'Catching a swarm in a city',
    ],
    [
      'is what the introduction announces',
      '## What we plan to share\n\nIn this lesson, we will explore swarm control in cities. It matters.\n\n## Section 1: Queens\n## Section 2: Splits\n',
      'Swarm control in cities',
    ],
    [
      'is what the introduction defines',
      '## Global Context\n\nSwarm control (or swarm prevention) is a way to keep colonies.\n\n## Section 1: Queens\n## Section 2: Splits\n',
      'Swarm control',
    ],
    [
      'is what the outline shares, and begins with',
      outline,
      'Swarm control: a decision for every beekeeper',
    ],
    [
      'is the first section that has a topic, where nothing is shared',
      '## Lesson Outline\n\n## Section 1: Introduction\n\n## Section 2: Why bees swarm\n\n## Section N: Conclusion\n',
      'Why bees swarm',
    ],
    ['is the first line of plain words', 'Bees in winter\n\nand more of it', 'Bees in winter'],
    [
      'is the subject of an order',
      'Write an article about bees in winter. Be brief.',
      'Bees in winter',
    ],
  ]
  for (const [what, guideline, title] of titles) {
    it(what, () => assert.equal(articleTitle(guideline), title))
  }

  it('is the name of its file where the text has none, unless that says nothing', () => {
    const text = '## Audience\n\n…\n'
    assert.equal(articleTitle(text, 'swarm-control_in_cities.md'), 'Swarm control in cities')
    assert.equal(articleTitle(text, 'article_guideline.md'), 'Audience')
    assert.equal(articleTitle(text, '98ed2a.md'), 'Audience')
  })

  it('is never empty', () => assert.equal(articleTitle('***'), 'Untitled article'))
})
