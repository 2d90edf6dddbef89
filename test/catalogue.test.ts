import assert from 'node:assert/strict'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { describe, it } from 'node:test'
import { refusalCodes } from '../src/errors.ts'
import { slowToolNames } from '../src/events/articles/slow-tools.ts'
import { eventRegistry } from '../src/events/registry.ts'
import { upcasters } from '../src/events/upcasters.ts'
import { toolNames } from '../src/events/usage/usage-events.ts'
import { tools } from '../src/mcp/tools/tools.ts'
import { projections } from '../src/projections/registry.ts'
import { freshDatabase } from './support/database.ts'
import { eventSamples } from './support/event-samples.ts'

/*
 * Rules that hold for everything of a kind, checked by going through all of that kind. A failure names what
 * is missing and where to put it.
 */

const root = join(import.meta.dirname, '..')
const read = (file: string) => readFileSync(join(root, file), 'utf8')
const glob = (pattern: string) => globSync(pattern, { cwd: root }).toSorted()

const sources = glob('src/**/*.ts')
const tests = glob('test/**/*.ts').filter((file) => file !== 'test/catalogue.test.ts')
const testText = new Map(tests.map((file) => [file, read(file)]))
const mentions = (text: string, word: string) => new RegExp(`\\b${word}\\b`).test(text)

/** Commands that no test imports, because they are reached through a door: the test that goes through it. */
const throughDoors: Readonly<Record<string, readonly [test: string, word: string]>> = {
  'articles/prompt-sources': [
    'test/mcp/tools/research/workflow.test.ts',
    'select_research_sources_to_keep',
  ],
  'links/record-download': ['test/http/routes/links/links.test.ts', 'LinkDownloaded'],
  'people/record-refusals': ['test/http/auth/refused-access.test.ts', 'AccessRefused'],
  'runs/operation-items': ['test/commands/runs/start-operation.test.ts', 'items'],
  'runs/run-view': ['test/mcp/tools/research/research-article.test.ts', 'question?.failures'],
}

/** Every file of src that a test imports by value, so that at least one of its exports runs there. */
const imported = new Set(
  [...testText].flatMap(([test, text]) =>
    [...text.matchAll(/^import (?!type )[^']+from '(\.[^']+)'/gm)].map(([, path = '']) =>
      join(dirname(test), path),
    ),
  ),
)

describe('commands', () => {
  for (const file of glob('src/commands/**/*.ts')) {
    const name = file.slice('src/commands/'.length, -'.ts'.length)
    it(`${name} has a test`, () => {
      const [test, word] = throughDoors[name] ?? []
      assert.ok(
        imported.has(file) !== (word !== undefined),
        imported.has(file)
          ? `a test imports ${file}: take it from throughDoors`
          : `import ${file} in a test of its own, or name in throughDoors the test that reaches it`,
      )
      if (test && word) assert.ok(testText.get(test)?.includes(word), `${test} lost ${word}`)
    })
  }
})

describe('events', () => {
  it('have one sample each, at the version that is written now', () => {
    const sampled = eventSamples.map(({ type, schemaVersion }) => `${type} ${schemaVersion}`)
    const registered = [...eventRegistry.values()].map(({ type, version }) => `${type} ${version}`)
    assert.deepEqual(sampled.toSorted(), registered.toSorted())
  })

  it('are past tense or a participle, noun first, and each stored version is kept as a file', () => {
    for (const { type, version } of eventRegistry.values()) {
      assert.match(type, /^([A-Z][a-z]+){2,}$/)
      const file = `test/snapshots/events/${type}.${version}.json`
      assert.ok(existsSync(join(root, file)), `run npm run events:release and commit ${file}`)
    }
  })
})

describe('stored events of older versions', () => {
  it('have an upcaster each, and no upcaster is for a version that is written now', () => {
    const older = [...eventRegistry.values()].flatMap(({ type, version }) =>
      Array.from({ length: version - 1 }, (_, index) => `${type}/${index + 1}`),
    )
    assert.deepEqual([...upcasters.keys()].toSorted(), older.toSorted())
  })
})

describe('projections', () => {
  const folds = projections.map(({ name, fold }) => ({ name, sql: fold(`nova.${name}_g1`) }))

  it('are all in the registry, which the test "rebuilt equals live" goes through', () => {
    const defined = glob('src/projections/**/*.ts').flatMap((file) =>
      [...read(file).matchAll(/export const (\w+Projection)\b/g)].map(([, name]) => name ?? ''),
    )
    const registry = read('src/projections/registry.ts')
    for (const name of defined) assert.ok(mentions(registry, name), `add ${name} to the registry`)
    assert.equal(defined.length, projections.length)
    const loops = testText.get('test/projections/projections.test.ts') ?? ''
    assert.match(loops, /for \(const projection of projections\)[\s\S]*rebuildProjection/)
  })

  it('name only events that exist', () => {
    for (const { name, sql } of folds) {
      const named = [...sql.matchAll(/type = '(\w+)'/g)].map(([, type]) => type ?? '')
      for (const type of named) assert.ok(eventRegistry.has(type), `${name} folds ${type}`)
    }
  })

  it('know every slow tool whose operations they show', () => {
    const sql = folds.find(({ name }) => name === 'articles')?.sql ?? ''
    for (const tool of slowToolNames) assert.ok(sql.includes(`'${tool}'`), tool)
  })
})

describe('tools', () => {
  const files = new Set(glob('src/mcp/tools/*/*.ts').map((file) => basename(file, '.ts')))

  for (const { name, hints, outputSchema } of tools) {
    it(`${name} has four hints, an output schema, a snapshot, and a file of its name`, () => {
      assert.deepEqual(
        Object.values(hints).map((hint) => typeof hint),
        ['boolean', 'boolean', 'boolean', 'boolean'],
      )
      assert.equal(outputSchema.type, 'object')
      assert.ok(existsSync(join(root, `test/snapshots/tools/${name}.json`)))
      assert.ok(files.has(name.replaceAll('_', '-')))
    })
  }

  it('are all in the list that clients see', () => {
    assert.equal(files.size, tools.length)
  })

  it('that are slow are named in their row and their file only', () => {
    for (const tool of slowToolNames) {
      const file = tool.replaceAll('_', '-')
      const naming = sources.filter((path) => read(path).includes(`'${tool}'`))
      assert.deepEqual(
        naming,
        [`src/mcp/tools/research/${file}.ts`],
        `ask src/events/articles/slow-tools.ts instead of naming ${tool}`,
      )
    }
  })

  it('whose calls count are all that a plan can weigh', () => {
    const counting = tools.filter(({ free }) => !free).map(({ name }) => name)
    assert.deepEqual([...toolNames].toSorted(), counting.toSorted())
  })

  it('are all called by a test', () => {
    const called = [...testText].filter(([file]) => /^test\/(mcp|cli|workflow)/.test(file))
    const uncalled = tools.filter(({ name }) => !called.some(([, text]) => text.includes(name)))
    assert.deepEqual(
      uncalled.map(({ name }) => name),
      [],
    )
  })
})

describe('refusals', () => {
  const sql = glob('src/store/sql/**/*.sql').map(read)
  const used = [...sources.filter((file) => file !== 'src/errors.ts').map(read), ...sql]

  it('that the database gives are in the catalogue', () => {
    const given = sql.flatMap((text) =>
      [...text.matchAll(/raise exception '([^']+)'\s+using errcode = 'NV100'/g)].map(
        ([, code]) => code,
      ),
    )
    assert.ok(given.length > 0)
    assert.deepEqual(
      given.filter((code) => !refusalCodes.some((known) => known === code)),
      [],
    )
  })

  for (const code of refusalCodes) {
    it(`${code} is given somewhere and provoked by a test`, () => {
      assert.ok(
        used.some((text) => text.includes(`'${code}'`)),
        `nothing in src refuses with ${code}: remove it from src/errors.ts`,
      )
      const provoked = [...testText.values()].some((text) => mentions(text, code))
      assert.ok(provoked, `no test provokes ${code}: write one beside the code that gives it`)
    })
  }
})

describe('tables', () => {
  it('with a user_id force row-level security, have a policy, and lead their key with it', async () => {
    await using db = await freshDatabase()
    const { rows } = await db.database.owner.query<{
      name: string
      forced: boolean
      policies: number
      first_key: string
      readable: boolean
    }>(`
      select c.relname as name, c.relrowsecurity and c.relforcerowsecurity as forced,
        (select count(*) from pg_policy p where p.polrelid = c.oid) as policies,
        (select k.attname from pg_index i
           join pg_attribute k on k.attrelid = c.oid and k.attnum = i.indkey[0]
           where i.indrelid = c.oid and i.indisprimary) as first_key,
        has_table_privilege('nova_app', c.oid, 'select, insert, update, delete')
          or has_table_privilege('nova_projector', c.oid, 'select, insert, update, delete') as readable
      from pg_class c
      join pg_namespace n on n.oid = c.relnamespace and n.nspname = 'nova'
      join pg_attribute a on a.attrelid = c.oid and a.attname = 'user_id'
      where c.relkind in ('r', 'p') order by 1`)
    assert.ok(rows.length > 8)
    for (const { name, forced, policies, first_key, readable } of rows) {
      assert.equal(first_key, 'user_id', `${name}: user_id leads every key`)
      // A partition is reached through its parent, whose policies hold; by itself nobody may touch it.
      if (/^events_/.test(name)) assert.ok(!readable, `${name} can be reached past its parent`)
      else assert.ok(forced && policies > 0, `${name}: force row-level security, add a policy`)
    }
  })
})

/** Files named after a subject that their exports spell otherwise. */
const namedBySubject: ReadonlySet<string> = new Set([
  'src/cli/workflow/transfer.ts',
  'src/errors.ts',
  'src/http/routes/articles/send-research.ts',
  'src/http/server/openapi.ts',
  'src/http/live/event-streams.ts',
  'src/mcp/protocol/answer-parts.ts',
  'src/mcp/protocol/arguments.ts',
  'src/projections/registry.ts',
  'src/sources/extraction/html-tree.ts',
])

describe('sources', () => {
  it('have no comment that begins with "Of", whose subject a reader would have to look for', () => {
    for (const file of [...sources, ...glob('{src,migrations}/**/*.sql'), ...tests]) {
      const found = /^.*(?:\/\*\*|\/\/|--) Of [a-z].*$/m.exec(read(file))
      assert.equal(found?.[0], undefined, `${file}: name the subject`)
    }
  })

  it('are at most 300 lines long, the catalogue of refusals apart', () => {
    const long = sources.filter(
      (file) => file !== 'src/errors.ts' && read(file).trimEnd().split('\n').length > 300,
    )
    assert.deepEqual(long, [], 'split them by what they are about')
  })

  it('are named like something they export', () => {
    const strangers = sources.filter((file) => {
      if (namedBySubject.has(file)) return false
      const wanted = basename(file, '.ts').replaceAll('-', '').toLowerCase()
      const words = basename(file, '.ts').split('-')
      const names = [
        ...read(file).matchAll(
          /^export (?:async )?(?:const|function\*?|class|interface|type) (\w+)/gm,
        ),
      ].map(([, name]) => (name ?? '').toLowerCase())
      // A script that is started by its path exports nothing.
      if (names.length === 0) return false
      return !names.some(
        (name) =>
          name.includes(wanted) ||
          wanted.includes(name) ||
          words.some((word) => word.length > 2 && name.includes(word.replace(/s$/, ''))),
      )
    })
    assert.deepEqual(strangers, [], 'rename the file after what it exports')
  })

  it('have no drawer for odds and ends', () => {
    const drawers = sources.filter((file) =>
      /(^|\/)(utils?|common|helpers?|misc|services?|index)(\/|\.ts$)/.test(file),
    )
    assert.deepEqual(drawers, [])
  })

  it('read the environment in src/config.ts only', () => {
    const readers = sources.filter((file) => /process\.env\b/.test(read(file)))
    assert.deepEqual(readers, ['src/config.ts'])
  })
})
