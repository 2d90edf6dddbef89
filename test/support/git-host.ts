import { gzipSync } from 'node:zlib'
import { packTar, type TarEntry } from 'modern-tar'
import { createGithubReader } from '../../src/sources/github/github-reader.ts'
import type { GatheredSource } from '../../src/sources/source.ts'
import { guarded } from './guarded.ts'
import { type Route, type Site, startSite } from './site.ts'

export const commit = '0123456789abcdef0123456789abcdef01234567'

/** A repository's archive as GitHub packs it: one folder, the commit as the comment of every header. */
export async function archiveOf(
  files: Readonly<Record<string, string | Uint8Array>>,
  more: readonly TarEntry[] = [],
  sha = commit,
): Promise<Uint8Array> {
  const entries: TarEntry[] = [
    { header: { name: 'repo-main/', size: 0, type: 'directory', pax: { comment: sha } } },
    ...Object.entries(files).map(([name, content]) => {
      const body = typeof content === 'string' ? new TextEncoder().encode(content) : content
      return {
        header: {
          name: `repo-main/${name}`,
          size: body.byteLength,
          type: 'file' as const,
          pax: { comment: sha },
        },
        body,
      }
    }),
    ...more,
  ]
  return gzipSync(await packTar(entries))
}

export const gzipped = (body: Uint8Array): Route => ({
  headers: { 'content-type': 'application/x-gzip' },
  body,
})

export const json = (value: unknown): Route => ({
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(value),
})

/** A Git host that serves these routes as API, archive and raw host at once, and a reader of it. */
export async function startGitHost(routes: Record<string, Route>, token?: string) {
  const site: Site = await startSite(routes)
  const fetch = guarded({
    allow: [{ host: '127.0.0.1', port: site.port }],
    timeoutMs: 60_000,
    maxBytes: 50_000_000,
  })
  const { origin } = site
  const reader = createGithubReader({
    fetch,
    apiUrl: `${origin}/api`,
    archiveUrl: origin,
    rawUrl: origin,
    token,
  })
  return {
    site,
    read: (url: string): Promise<GatheredSource> =>
      reader({ url, kind: 'github', signal: AbortSignal.timeout(240_000) }),
    async [Symbol.asyncDispose]() {
      await fetch.close()
      await site[Symbol.asyncDispose]()
    },
  }
}
