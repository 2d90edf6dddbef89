import assert from 'node:assert/strict'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, it } from 'node:test'
import { commands } from '../src/cli/commands.ts'
import { settingNames } from '../src/config.ts'
import { refusalCodes } from '../src/errors.ts'
import { eventRegistry } from '../src/events/registry.ts'
import { fullResearchPrompt } from '../src/mcp/prompts/full-research-prompt.ts'
import { tools } from '../src/mcp/tools/tools.ts'
import { projections } from '../src/projections/registry.ts'

const root = join(import.meta.dirname, '..')
const read = (file: string) => readFileSync(join(root, file), 'utf8')
const documents = globSync(['*.md', 'docs/**/*.md'], { cwd: root })
  .filter((file) => file !== 'research.md')
  .toSorted()

const codeBlocks = (text: string): string[] =>
  [...text.matchAll(/^```sh\n([\s\S]*?)^```/gm)].map(([, code]) => code ?? '')
/** What stands in backticks outside of code blocks. */
const codeSpans = (text: string): string[] =>
  [...text.replace(/^```[\s\S]*?^```/gm, '').matchAll(/`([^`\n]+)`/g)].map(([, code]) => code ?? '')
/** Everything that a reader may type. */
const typed = (text: string): string[] => [
  ...codeBlocks(text).flatMap((code) => code.split('\n')),
  ...codeSpans(text),
]

for (const file of documents) {
  const text = read(file)

  describe(file, () => {
    it('names only npm scripts that exist', () => {
      const { scripts } = JSON.parse(read('package.json'))
      const lines = typed(text).join('\n')
      for (const [, name = ''] of lines.matchAll(/\bnpm run ([\w:-]+)/g)) {
        assert.ok(scripts[name], `npm run ${name}`)
      }
      for (const [, name = ''] of lines.matchAll(/\bnpm (start|test)\b/g)) assert.ok(scripts[name])
    })

    it('names only commands and options of nova that exist', () => {
      for (const line of typed(text)) {
        const [, name, rest = ''] = /^(?:npx )?nova ([a-z]+)(.*)$/.exec(line) ?? []
        if (!name) continue
        const command = commands.find((known) => known.name === name)
        assert.ok(command || ['help', 'version'].includes(name), line)
        for (const [, option = ''] of rest.matchAll(/--([a-z-]+)/g)) {
          assert.ok(command?.options[option], `nova ${name} has no --${option}`)
        }
      }
    })

    it('leads nowhere that is not there', () => {
      for (const [, target = ''] of text.matchAll(/\]\(([^)\s]+)\)/g)) {
        if (/^[a-z]+:/.test(target)) continue
        const path = join(dirname(join(root, file)), target.replace(/#.*$/, ''))
        assert.ok(existsSync(path), target)
      }
      for (const span of codeSpans(text)) {
        if (!/^(src|test|docs|migrations|examples|bench|\.ci)\/[\w./*-]+$/.test(span)) continue
        assert.ok(globSync(span, { cwd: root }).length > 0, span)
      }
    })

    it('names only settings, refusals, events and tools that exist', () => {
      const outsiders = new Set(['NOVA_TEST_DATABASE_URL'])
      const snakeCase = [...tools, ...projections, fullResearchPrompt].map(({ name }) => name)
      for (const span of codeSpans(text)) {
        const [name = ''] = span.split('=')
        if (/^(NOVA|DB|SERVER|DESCOPE)_[A-Z_]+$/.test(name)) {
          assert.ok(settingNames.includes(name) || outsiders.has(name), name)
        } else if (
          /^[A-Z]+_[A-Z_]+$/.test(span) &&
          !/_(KEY|URL|TOKEN|LIMIT|INSTANCE)$/.test(span)
        ) {
          assert.ok((refusalCodes as string[]).includes(span), span)
        } else if (/^[A-Z][a-z]+([A-Z][a-z]+)+$/.test(span)) {
          assert.ok(eventRegistry.has(span), span)
        } else if (
          /^(create|extract|process|run|select|scrape|get|list|read)_[a-z_]+$/.test(span)
        ) {
          assert.ok(snakeCase.includes(span), span)
        }
      }
    })

    it('states no number that only counting can keep true', () => {
      const counted =
        /\b(\d+|[a-z]+teen|ten|eleven|twelve|twenty) (MCP )?(tools|refusals|settings|tests)\b/i
      assert.doesNotMatch(text, counted)
    })
  })
}

describe('ARCHITECTURE.md', () => {
  it('says of each folder what the linter refuses', () => {
    const folders = lintedFolders()
    const rows = [...read('ARCHITECTURE.md').matchAll(/^\| (\w+) +\| .+ \| (.+?) +\|$/gm)]
    const table = new Map(rows.map(([, folder, refused = '']) => [folder, refused]))
    for (const [folder, refused] of folders) {
      const cell = table.get(folder)
      assert.ok(cell, `${folder} is not in the table`)
      if (refused.some((name) => name.startsWith('..')))
        assert.equal(cell, 'everything else of ours')
      else assert.deepEqual(cell.split(', ').toSorted(), refused.toSorted(), folder)
    }
  })
})

/** Per folder of src the names that `biome.json` refuses to import there. */
function lintedFolders(): [folder: string, refused: string[]][] {
  const { overrides } = JSON.parse(read('biome.json')) as {
    overrides: {
      includes: string[]
      linter: {
        rules: {
          style?: { noRestrictedImports?: { options: { patterns: { group: string[] }[] } } }
        }
      }
    }[]
  }
  return overrides.flatMap(({ includes, linter }): [string, string[]][] => {
    const [, folder] = /^src\/(\w+)\/\*(?:\*|\.ts|\/\*\*)$/.exec(includes[0] ?? '') ?? []
    const patterns = linter.rules.style?.noRestrictedImports?.options.patterns
    if (!folder || !patterns) return []
    const refused = patterns
      .flatMap(({ group }) => group)
      .map((glob) => glob.replaceAll('/**', '').replace(/^(?:\*\*\/|\.\.\/\.\.\/(?=\w))/, ''))
      .filter((name) => name !== 'pg-boss' && name !== 'pg/*')
    return [[folder, refused]]
  })
}

describe('decisions', () => {
  const adrs = documents.filter((file) => file.startsWith('docs/adr/'))

  it('are numbered without a gap', () => {
    const numbers = adrs.map((file) => Number(/(\d{4})-[a-z0-9-]+\.md$/.exec(file)?.[1]))
    assert.deepEqual(
      numbers,
      adrs.map((_, index) => index + 1),
    )
  })

  for (const file of adrs) {
    it(`${file} says why, what follows and what was rejected, on one page`, () => {
      const text = read(file)
      for (const part of ['Context', 'Decision', 'Consequences', 'Rejected']) {
        assert.match(text, new RegExp(`^\\*\\*${part}\\.\\*\\*`, 'm'))
      }
      assert.ok(text.split('\n').length <= 60)
    })
  }
})
