import type { SourceKind } from './source.ts'
import { parseYoutubeUrl } from './youtube/youtube-url.ts'

const githubHosts: ReadonlySet<string> = new Set([
  'github.com',
  'www.github.com',
  'gist.github.com',
  'raw.githubusercontent.com',
  'gist.githubusercontent.com',
])

/** Whether the address is GitHub's own, by exact host and default port: a token depends on it. */
export function isGithubUrl(address: string): boolean {
  const url = URL.parse(address)
  if (!url || !/^https?:$/.test(url.protocol) || url.port !== '') return false
  return githubHosts.has(url.hostname.replace(/\.$/, ''))
}

/** Which adapter reads an address, decided by what the URL parser says its host is, never by its text. */
export function linkKind(address: string): SourceKind {
  if (isGithubUrl(address)) return 'github'
  return parseYoutubeUrl(address) ? 'youtube' : 'web'
}
