import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { parseEnv } from 'node:util'
import { parseConfig, settingNames } from '../src/config.ts'

const root = join(import.meta.dirname, '..')
const example = readFileSync(join(root, '.env.example'), 'utf8')
const source = readFileSync(join(root, 'src/config.ts'), 'utf8')

/** `#NAME=default` and the comment lines directly above it. */
const documented = [...example.matchAll(/((?:^# .*\n)+)^#([A-Z][A-Z_]*)=.*$/gm)].map(
  ([, comment = '', name = '']) => ({ name, comment: oneLine(comment.replace(/^# /gm, '')) }),
)

/** The comment above each setting of the schema. */
const inSchema = new Map(
  [...source.matchAll(/\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s+([A-Z][A-Z_]*):/g)].map(
    ([, comment = '', name = '']) => [name, oneLine(comment.replace(/^\s*\* /gm, ''))],
  ),
)

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim()
}

describe('.env.example', () => {
  it('names every setting of src/config.ts, and no other, in its order', () => {
    assert.deepEqual(
      documented.map(({ name }) => name),
      settingNames,
    )
  })

  it('says of each setting what src/config.ts says', () => {
    for (const { name, comment } of documented) {
      assert.equal(comment, inSchema.get(name), `copy the comment of ${name} from src/config.ts`)
    }
  })

  it('changes nothing when every line is uncommented', () => {
    const uncommented = parseEnv(example.replace(/^#(?=[A-Z])/gm, ''))
    assert.deepEqual(Object.keys(uncommented).toSorted(), settingNames.toSorted())
    assert.deepEqual(parseConfig(uncommented), parseConfig({}))
  })
})
