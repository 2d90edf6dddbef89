#!/usr/bin/env node
// `npx nova-research` alone starts the server: who has only the name of the package wants to see it work.
if (process.argv.length === 2) process.argv.push('serve')
await import('./nova.mjs')
