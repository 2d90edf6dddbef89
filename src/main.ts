#!/usr/bin/env node
import { enableCompileCache } from 'node:module'
import { fileURLToPath } from 'node:url'
import { setFlagsFromString } from 'node:v8'

// The sources need a Node that reads TypeScript; the package is compiled for the one before, too.
const least = import.meta.url.endsWith('.ts') ? 24 : 22

// Loaded after the check, since an older Node cannot even parse what follows.
if (Number.parseInt(process.versions.node, 10) < least) {
  process.stderr.write(
    `Nova needs Node ${least}; this is ${process.version}.\n  Use npm start, npm run demo or npx nova, which bring their own.\n`,
  )
  process.exit(1)
}

// New objects get a small space that stays small, in each thread: a third less memory, 5 % more processor time.
setFlagsFromString('--semi-space-growth-factor=1')
// Old objects are collected when their space has grown by half, and not to four times what lives: the rest is garbage.
setFlagsFromString('--heap-growing-percent=50')

// Half of a start is compiling. Kept beside the packages and not in /tmp, where others could leave code for us.
enableCompileCache(fileURLToPath(new URL('../node_modules/.cache/nova', import.meta.url)))

const { provideReleaseStack } = await import('./release-stack.ts')
provideReleaseStack()
const { runCli } = await import('./cli/run-cli.ts')
const { createTerminal } = await import('./cli/terminal/terminal.ts')

/** Platforms kill ten seconds after they asked; by then what can be settled is. */
const longestStopMs = 9500
/** What a command that has ended may still hold open, such as a connection in the middle of a dial. */
const longestEndMs = 3000

const stopping = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    // The first one lets work in hand end; who sends a second one does not want to wait.
    if (stopping.signal.aborted) process.exit(130)
    stopping.abort(new Error(`stopped by ${signal}`))
    setTimeout(() => {
      process.stderr.write(
        'nova: not all of it could be ended in good order; the rest is dropped.\n',
      )
      process.exit(1)
    }, longestStopMs).unref()
  })
}

process.exitCode = await runCli(process.argv.slice(2), {
  terminal: createTerminal(process),
  stopping: stopping.signal,
})
setTimeout(() => process.exit(), longestEndMs).unref()
