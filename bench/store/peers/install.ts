import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath, pathToFileURL } from 'node:url'

const folder = fileURLToPath(new URL('../..', import.meta.url))

/** Installs the peers as bench/package-lock.json has them, the first time. */
export function installPeers(): void {
  if (existsSync(`${folder}/node_modules/.package-lock.json`)) return
  console.error('Installing the peers into bench/node_modules …')
  execFileSync('npm', ['ci', '--no-audit', '--no-fund', '--ignore-scripts'], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'inherit'],
  })
}

/**
 * A module of a peer. Its types are not here when the project is checked, so the caller says what it
 * uses of it.
 */
export async function importPeer<Module>(name: string): Promise<Module> {
  const path = createRequire(`${folder}/package.json`).resolve(name)
  const imported = (await import(pathToFileURL(path).href)) as { default?: Module } & Module
  return imported.default ?? imported
}

/** A file inside a peer's package. */
export const peerFile = (path: string): string => `${folder}/node_modules/${path}`
