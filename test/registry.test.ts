import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { z } from 'zod'
import { commands } from '../src/cli/commands.ts'
import { settingNames } from '../src/config.ts'

const read = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`../${name}`, import.meta.url), 'utf8'))

/** What the MCP registry takes of a server on npm (schema 2025-12-11 and its requirements for publishing). */
const serverFile = z.strictObject({
  $schema: z.literal(
    'https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json',
  ),
  name: z
    .string()
    .regex(/^[a-zA-Z0-9.-]+\/[a-zA-Z0-9._-]+$/)
    .max(200),
  title: z.string().min(1).max(100),
  description: z.string().min(1).max(100),
  repository: z.strictObject({ url: z.url(), source: z.literal('github') }),
  version: z.string().regex(/^\d+\.\d+\.\d+(-[\w.]+)?$/),
  packages: z.tuple([
    z.strictObject({
      registryType: z.literal('npm'),
      identifier: z.string(),
      version: z.string(),
      runtimeHint: z.literal('npx'),
      transport: z.strictObject({ type: z.literal('stdio') }),
      packageArguments: z.array(
        z.strictObject({ type: z.literal('positional'), value: z.string() }),
      ),
      environmentVariables: z.array(
        z.strictObject({
          name: z.string(),
          description: z.string().min(1),
          isSecret: z.boolean().optional(),
          default: z.string().optional(),
        }),
      ),
    }),
  ]),
})

const packageFile = z.object({
  name: z.string(),
  version: z.string(),
  mcpName: z.string(),
  bin: z.record(z.string(), z.string()),
  repository: z.object({ url: z.string() }),
})

describe('server.json', () => {
  const server = serverFile.parse(read('server.json'))
  const npm = packageFile.parse(read('package.json'))
  const [listed] = server.packages

  it('is of the package as it is, under the name by which the package says so', () => {
    assert.deepEqual(
      [listed.identifier, listed.version, server.version, server.name],
      [npm.name, npm.version, npm.version, npm.mcpName],
    )
    assert.equal(npm.repository.url, `git+${server.repository.url}.git`)
  })

  it('starts a command that there is, by the name of the package alone', () => {
    assert.ok(npm.bin[npm.name], 'npx runs the program that is called like the package')
    const [command] = listed.packageArguments
    assert.ok(commands.some(({ name }) => name === command?.value))
  })

  it('names settings that there are, and keeps the secret ones secret', () => {
    for (const { name, isSecret = false } of listed.environmentVariables) {
      assert.ok(settingNames.includes(name), name)
      assert.equal(isSecret, /_KEY$|_SECRET$|_URL$/.test(name), name)
    }
  })
})
