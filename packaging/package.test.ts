import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { chmod, chown, mkdir, mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { Client } from '@modelcontextprotocol/client'
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio'
import { type InstalledProcess, startInstalled, startMcp } from './installed-nova.ts'

const run = promisify(execFile)
const root = fileURLToPath(new URL('..', import.meta.url))
const isRoot = process.getuid?.() === 0
/** Whoever may least on most systems. */
const nobody = 65_534

/** Where the package is installed, as a person would, and the Node versions that it must run on. */
interface Installed {
  folder: string
  nodes: Record<'20' | '22' | '24', string>
  packed: { files: { path: string }[]; size: number; unpackedSize: number }
  remove: () => Promise<void>
}

let installed: Installed | undefined
const theInstalled = () => installed ?? assert.fail('not installed')

async function install(): Promise<Installed> {
  const base = await mkdtemp(join(tmpdir(), 'nova-package-'))
  // Another user has to get through.
  await chmod(base, 0o711)
  const folder = join(base, 'an empty folder')
  await mkdir(folder)
  const { stdout } = await run('npm', ['pack', '--json', '--pack-destination', base], {
    cwd: root,
    maxBuffer: 64 * 1024 ** 2,
  })
  const report: unknown = JSON.parse(stdout.slice(stdout.search(/^[[{]/m)))
  const [packed] = Object.values(Object(report)) as (Installed['packed'] & { filename: string })[]
  assert.ok(packed)
  const npm = (cwd: string, ...args: string[]) =>
    run('npm', [...args, '--no-audit', '--no-fund'], { cwd, maxBuffer: 64 * 1024 ** 2 })
  await npm(folder, 'init', '-y')
  await npm(folder, 'install', join(base, packed.filename))
  /** The program of the npm package `node`, whether its install script was run or not. */
  const nodeOf = async (version: string): Promise<string> => {
    const own = join(base, `node${version}`)
    await mkdir(own)
    await npm(own, 'init', '-y')
    await npm(own, 'install', `node@${version}`)
    const modules = join(own, 'node_modules')
    for (const name of await readdir(modules)) {
      const file = join(modules, name, 'bin', 'node')
      if (name.startsWith('node') && (await stat(file).catch(() => null))) return file
    }
    return assert.fail(`no Node ${version} in ${modules}`)
  }
  return {
    folder,
    nodes: { '20': await nodeOf('20'), '22': await nodeOf('22'), '24': process.execPath },
    packed,
    remove: () => rm(base, { recursive: true, force: true }),
  }
}

describe('the package, installed from its packed file', () => {
  before(async () => {
    installed = await install()
  })
  after(() => installed?.remove())

  it('brings what runs and what explains it, and neither tests nor sources', () => {
    const { files } = theInstalled().packed
    const paths = files.map(({ path }) => path)
    assert.ok(paths.includes('dist/src/main.js') && paths.includes('bin/nova.mjs'))
    for (const path of ['README.md', 'LICENSE', '.env.example']) assert.ok(paths.includes(path))
    // The examples are a small web, with a repository of its own.
    const ours = paths.filter((path) => !path.startsWith('dist/examples/'))
    const strays = ours.filter(
      (path) => /(^|\/)(test|bench)\//.test(path) || /(?<!\.d)\.ts$/.test(path),
    )
    assert.deepEqual(strays, [])
  })

  it('brings every file that the sources read beside their code', async () => {
    const paths = new Set(theInstalled().packed.files.map(({ path }) => path))
    const beside = (await readdir(join(root, 'src'), { recursive: true, withFileTypes: true }))
      .filter((entry) => entry.isFile() && !entry.name.endsWith('.ts'))
      .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    assert.ok(beside.length > 100)
    assert.deepEqual(
      beside.filter((path) => !paths.has(`dist/${path}`)),
      [],
    )
  })

  for (const version of ['22', '24'] as const) {
    it(`does the main job on Node ${version}${isRoot && version === '22' ? ', as a user who may little' : ''}`, async () => {
      const { folder, nodes } = theInstalled()
      await using home = await ownFolder(isRoot && version === '22' ? nobody : undefined)
      await using demo = startInstalled(nodes[version], folder, ['demo', '-o', 'out.md'], home)
      assert.equal(await demo.ended, 0, demo.output())
      assert.match(await readFile(join(home.path, 'out.md'), 'utf8'), /^# .*[\s\S]*## /)
    })
  }

  it('starts a server when its name is all that is given, and ends it when told to', async () => {
    const { folder, nodes } = theInstalled()
    await using home = await ownFolder()
    const settings = { SERVER_PORT: '0' }
    await using server: InstalledProcess = startInstalled(
      nodes['24'],
      folder,
      [],
      home,
      settings,
      'nova-research',
    )
    const [, address = ''] = await server.printed(/MCP +(http:\S+)\/mcp\n/)
    assert.equal((await fetch(`${address}/readyz`)).status, 200)
    server.signal('SIGTERM')
    assert.equal(await server.ended, 0, server.output())
  })

  it('is an MCP server over stdio, with all of its tools', async () => {
    const { folder, nodes } = theInstalled()
    await using home = await ownFolder()
    const client = new Client({ name: 'package', version: '1' })
    await client.connect(new StdioClientTransport(startMcp(nodes['22'], folder, home)))
    try {
      const { tools } = await client.listTools()
      assert.ok(tools.some(({ name }) => name === 'research_article'))
    } finally {
      await client.close()
    }
  })

  it('says what it needs on a Node that is too old for it', async () => {
    const { folder, nodes } = theInstalled()
    await using home = await ownFolder()
    await using nova = startInstalled(nodes['20'], folder, ['--version'], home)
    assert.equal(await nova.ended, 1)
    assert.match(nova.output(), /needs Node 22; this is v20\./)
  })
})

/** A folder of its own with a space in its name, for whatever a process keeps; owned by a user, where one is given. */
async function ownFolder(uid?: number) {
  const base = await mkdtemp(join(tmpdir(), 'nova-user-'))
  const path = join(base, 'the home of somebody')
  await mkdir(path)
  if (uid !== undefined) for (const made of [base, path]) await chown(made, uid, uid)
  return {
    path,
    uid,
    [Symbol.asyncDispose]: () => rm(base, { recursive: true, force: true, maxRetries: 5 }),
  }
}
