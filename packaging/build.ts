import { execFileSync } from 'node:child_process'
import { cp, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

// Node strips no types below node_modules, so a package cannot bring its sources: it brings this. `dist` has the
// folders of the checkout, so that every relative address in the sources holds there too.
const root = fileURLToPath(new URL('..', import.meta.url))
const dist = join(root, 'dist')
const tsc = join(
  dirname(createRequire(import.meta.url).resolve('typescript/package.json')),
  'bin/tsc',
)

await rm(dist, { recursive: true, force: true })
execFileSync(process.execPath, [tsc, '-p', join(root, 'tsconfig.build.json')], { stdio: 'inherit' })

/** What the program reads beside its code: whatever stands in src and is no code, and the folders that it names. */
const isData = (path: string) => !path.endsWith('.ts')
await cp(join(root, 'src'), join(dist, 'src'), { recursive: true, filter: isData })
for (const folder of ['migrations', 'examples/event-sourcing', 'examples/site']) {
  await cp(join(root, folder), join(dist, folder), { recursive: true })
}
