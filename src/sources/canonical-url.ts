import normalizeUrl from 'normalize-url'
import { parseYoutubeUrl } from './youtube/youtube-url.ts'

/** Parameters that say where a visitor came from, never what the page is. */
const tracking = [
  /^utm_/i,
  /^mc_[ce]id$/i,
  /^_hs(enc|mi)$/i,
  'fbclid',
  'gclid',
  'dclid',
  'msclkid',
  'yclid',
  'igshid',
]

/**
 * The key under which two spellings of one address are the same source. Only a key: what is fetched is the
 * address as its author wrote it. `url` must be http(s).
 */
export function canonicalUrl(url: string): string {
  const video = parseYoutubeUrl(url)
  if (video?.kind === 'video') return `https://www.youtube.com/watch?v=${video.id}`
  if (video?.kind === 'playlist') return `https://www.youtube.com/playlist?list=${video.id}`
  try {
    const key = normalizeUrl(url, {
      forceHttps: true,
      removeQueryParameters: tracking,
      sortQueryParameters: true,
      stripHash: !isRoute(url),
      stripWWW: false,
    })
    return key
      .replace(/^https:\/\/(?:www\.)?github\.com\/[^/?#]+\/[^/?#]+/i, sameRepository)
      .replace(/^https:\/\/github\.com\/[^?#]+/, sameBranch)
  } catch {
    return url
  }
}

/** Single-page applications put the page's address behind the `#`. */
const isRoute = (url: string): boolean => /#!?\//.test(url)

/** GitHub compares owner and repository without case and answers with and without `.git`. */
const sameRepository = (prefix: string): string =>
  prefix
    .toLowerCase()
    .replace('//www.', '//')
    .replace(/\.git$/, '')

/** A branch named `feature/x` stands in addresses with its slash as it is and encoded. */
const sameBranch = (page: string): string => page.replace(/%2f/gi, '/')
