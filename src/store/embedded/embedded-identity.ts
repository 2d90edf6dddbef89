import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { userInfo } from 'node:os'
import { join } from 'node:path'

/** As whom PostgreSQL runs: it refuses root and any uid without a name. */
export interface Identity {
  /** For people: `this user`, `postgres`, `the owner of the data`, …. */
  who: string
  /** Put before every command. */
  prefix: readonly string[]
  /** Given to spawn; also the owner of what is created for the server. */
  ids: { uid: number; gid: number } | undefined
}

/** All that a child of ours may see of the environment; our own holds secrets. */
export const childEnvironment = {
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  LC_ALL: 'C',
  TZ: 'UTC',
}

const namespacePrefix = ['unshare', '--user', '--map-user=65534', '--map-group=65534']
const inNamespace: Identity = {
  who: 'nobody in a user namespace',
  prefix: namespacePrefix,
  ids: undefined,
}

/** Picks an identity that can run the binaries and reach the data. Throws Error when there is none. */
export function chooseIdentity(native: string, parent: string, dataDir: string): Identity {
  if (process.getuid?.() !== 0) return ownIdentity()
  if (existsSync(join(dataDir, 'PG_VERSION'))) return ownerIdentity(native, parent, dataDir)
  for (const name of ['postgres', 'nobody']) {
    const ids = lookUpUser(name)
    if (ids && canRun(native, parent, ids)) return { who: name, prefix: [], ids }
  }
  // Reached below a folder that only root may enter, such as /root. Files stay owned by root.
  if (canUnshare()) return inNamespace
  throw new Error('no user but root can reach the data folder and the binaries')
}

function ownIdentity(): Identity {
  try {
    userInfo()
    return { who: 'this user', prefix: [], ids: undefined }
  } catch {
    // A uid without a name, as container platforms hand out: initdb insists on one.
    if (canUnshare()) return inNamespace
    throw new Error('this user id has no name in /etc/passwd')
  }
}

function ownerIdentity(native: string, parent: string, dataDir: string): Identity {
  const { uid, gid } = statSync(dataDir)
  if (uid === 0) {
    if (canUnshare()) return inNamespace
    throw new Error('its data belongs to root, as whom PostgreSQL does not run')
  }
  const ids = { uid, gid }
  if (canRun(native, parent, ids)) return { who: 'the owner of the data', prefix: [], ids }
  throw new Error(`the owner of its data (uid ${uid}) cannot reach the data folder or the binaries`)
}

function lookUpUser(name: string): { uid: number; gid: number } | undefined {
  if (!existsSync('/etc/passwd')) return undefined
  const line = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((entry) => entry.startsWith(`${name}:`))
  const [, , uid, gid] = line?.split(':') ?? []
  return uid && gid ? { uid: Number(uid), gid: Number(gid) } : undefined
}

/** Asks the kernel by trying, since modes, mounts and ACLs are not worth guessing at. */
function canRun(native: string, parent: string, ids: { uid: number; gid: number }): boolean {
  const probe = '"$1/bin/initdb" --version >/dev/null 2>&1 && cd "$2"'
  const done = spawnSync('/bin/sh', ['-c', probe, 'probe', native, parent], {
    ...ids,
    cwd: '/',
    env: childEnvironment,
    stdio: 'ignore',
  })
  return done.status === 0
}

function canUnshare(): boolean {
  const [command = '', ...args] = namespacePrefix
  return (
    spawnSync(command, [...args, 'true'], { env: childEnvironment, stdio: 'ignore' }).status === 0
  )
}
