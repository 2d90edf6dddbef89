#!/usr/bin/env node
// Plain JavaScript, so that any Node can read it: the sources need Node 24, which `npm ci` brings along.
import { spawn } from 'node:child_process'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url))

if (Number.parseInt(process.versions.node, 10) >= 24) {
  await import(main)
} else {
  const child = spawn(pinnedNode(), [main, ...process.argv.slice(2)], { stdio: 'inherit' })
  // A terminal sends its signals to both; a supervisor sends them to this process only.
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal))
  child.on('error', () => {
    process.stderr.write(
      `Nova needs Node 24; this is ${process.version}.\n  Run \`npm ci\` in its folder, which installs one beside it.\n`,
    )
    process.exit(1)
  })
  child.on('exit', (code) => process.exit(code ?? 1))
}

function pinnedNode() {
  try {
    const packageFile = createRequire(import.meta.url).resolve('node/package.json')
    return join(dirname(packageFile), 'bin', process.platform === 'win32' ? 'node.exe' : 'node')
  } catch {
    return 'node-24-is-not-installed'
  }
}
