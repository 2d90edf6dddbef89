import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { linksInGuideline } from '../../../src/sources/guideline/guideline-links.ts'

describe('local files of a guideline whose outline is told from its lists', () => {
  const framed = (section: string, after = '') =>
    linksInGuideline(
      `## Context of the Lesson\n\nWords.\n\n## Section 1 - Bees\n\n${section}\n\n## Section 2 - Hives\n\n- wood\n\n${after}`,
    ).localFiles

  it('are those that a sentence asks for, or calls its own', () => {
    for (const asking of [
      'Quote the figures of `yield.csv` in this part.',
      'Our own interviews are in `interviews.txt`.',
      '- Take the table from `table.csv`; it is new.',
      '- The log of 2024 is attached as log.txt',
      '- `notes.md`',
      'See [the notes](notes/hive.md).',
    ]) {
      assert.equal(framed(asking).length, 1, asking)
    }
  })

  it('are not those that it tells of: the files of a program, a repository, a configuration', () => {
    for (const telling of [
      '- Load the guideline from `article_guideline.md`',
      '- The project includes a command-line interface at `scripts/bee_cli.py`',
      '- Show the configuration in `.editor/mcp.json`:',
      '- For more on running it, see the documentation at `lessons/bees/README.md`',
      '- `server.py` is the entry point of the package',
      'A hive writes its state to `state.json` every hour.',
    ]) {
      assert.deepEqual(framed(telling), [], telling)
    }
  })

  it('are all that a list of files or sources names', () => {
    assert.deepEqual(
      framed('', '## Local Files\n\n- `bees.md`: our log\n\n## Golden Sources\n\n- hive.ipynb\n'),
      ['bees.md', 'hive.ipynb'],
    )
  })
})
