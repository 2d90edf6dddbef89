#!/usr/bin/env node
// Plain JavaScript, so that any Node can read it. A checkout runs its sources, which need Node 24, and `npm ci` brings
// that along; the package runs what was compiled from them, on Node 22 or newer.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const sources = new URL('../src/main.ts', import.meta.url)
const isPackage = !existsSync(sources)
const main = isPackage ? new URL('../dist/src/main.js', import.meta.url) : sources
const least = isPackage ? 22 : 24

if (Number.parseInt(process.versions.node, 10) >= least) {
  await import(main.href)
} else {
  const child = spawn(pinnedNode(), [fileURLToPath(main), ...process.argv.slice(2)], {
    stdio: 'inherit',
  })
  // A terminal sends its signals to both; a supervisor sends them to this process only.
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal))
  child.on('error', () => {
    const mend = isPackage
      ? 'Install a newer Node, from https://nodejs.org or by your version manager.'
      : 'Run `npm ci` in its folder, which installs one beside it.'
    process.stderr.write(`Nova needs Node ${least}; this is ${process.version}.\n  ${mend}\n`)
    process.exit(1)
  })
  child.on('exit', (code) => process.exit(code ?? 1))
}

function pinnedNode() {
  try {
    const packageFile = createRequire(import.meta.url).resolve('node/package.json')
    return join(dirname(packageFile), 'bin', process.platform === 'win32' ? 'node.exe' : 'node')
  } catch {
    return 'no-such-node-is-installed'
  }
}
