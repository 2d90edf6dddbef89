import { isGithubUrl } from '../link-kind.ts'

/** What an address of GitHub names. `rest` is ref and path together: only the server knows where a ref ends. */
export type GithubTarget =
  | { kind: 'repository'; owner: string; repo: string; rest: string[] }
  | { kind: 'file'; owner: string; repo: string; rest: string[] }
  | { kind: 'conversation'; owner: string; repo: string; number: number }
  | { kind: 'discussion'; owner: string; repo: string; number: number }
  | { kind: 'gist'; id: string }
  /** `tag` empty means the list of releases, `latest` the newest. */
  | { kind: 'release'; owner: string; repo: string; tag: string }
  | { kind: 'wiki'; owner: string; repo: string; page: string }

/** First path segments of github.com that are GitHub's own pages, not owners. */
const ownPages: ReadonlySet<string> = new Set(
  'about account apps blog codespaces collections contact customer-stories dashboard enterprise events explore features issues join login logout marketplace new notifications orgs organizations pricing pulls readme resources search security sessions settings signup site solutions sponsors stars team topics trending users'.split(
    ' ',
  ),
)
const ownerName = /^[a-z\d][a-z\d-]{0,38}$/i
const repoName = /^(?!\.{1,2}$)[\w.-]{1,100}$/
const gistId = /^[0-9a-f]{20,40}$/i

/** The readable thing an address names, or null: lists and profiles are web pages. */
export function parseGithubUrl(address: string): GithubTarget | null {
  if (!isGithubUrl(address)) return null
  const url = new URL(address)
  const segments = pathSegments(url.pathname)
  if (!segments) return null
  switch (url.hostname.replace(/\.$/, '')) {
    case 'gist.github.com':
    case 'gist.githubusercontent.com':
      return gistIn(segments)
    case 'raw.githubusercontent.com':
      return fileIn(segments)
    default:
      return pageIn(segments)
  }
}

function pathSegments(pathname: string): string[] | null {
  try {
    const segments = pathname.split('/').filter(Boolean).map(decodeURIComponent)
    // Behind owner and repository a slash may be encoded: that of a branch named `feature/x`.
    const named = segments.slice(0, 2)
    const split = segments.slice(2).flatMap((segment) => segment.split('/').filter(Boolean))
    const isUnsafe = (segment: string) => /^\.{1,2}$|[/\\\p{Cc}]/u.test(segment)
    return [...named, ...split].some(isUnsafe) ? null : [...named, ...split]
  } catch {
    return null
  }
}

function gistIn(segments: readonly string[]): GithubTarget | null {
  const id = segments.slice(0, 2).find((segment) => gistId.test(segment))
  return id ? { kind: 'gist', id } : null
}

function fileIn([owner = '', repo = '', ...rest]: readonly string[]): GithubTarget | null {
  if (!ownerName.test(owner) || !repoName.test(repo) || rest.length < 2) return null
  return { kind: 'file', owner, repo, rest }
}

function pageIn([owner = '', name = '', page, ...rest]: readonly string[]): GithubTarget | null {
  const repo = name.replace(/\.git$/i, '')
  if (!ownerName.test(owner) || ownPages.has(owner.toLowerCase()) || !repoName.test(repo))
    return null
  switch (page) {
    case undefined:
      return { kind: 'repository', owner, repo, rest: [] }
    case 'tree':
    case 'commit':
      // A commit page is read as the repository at that commit.
      return { kind: 'repository', owner, repo, rest: page === 'commit' ? rest.slice(0, 1) : rest }
    case 'blob':
    case 'raw':
    case 'blame':
      return fileIn([owner, repo, ...rest])
    case 'issues':
    case 'pull':
    case 'discussions': {
      const kind = page === 'discussions' ? 'discussion' : 'conversation'
      const number = /^[1-9]\d{0,8}$/.test(rest[0] ?? '') ? Number(rest[0]) : null
      return number === null ? null : { kind, owner, repo, number }
    }
    case 'releases':
      return releaseIn(owner, repo, rest)
    case 'wiki':
      return rest.length < 2 ? { kind: 'wiki', owner, repo, page: rest[0] ?? 'Home' } : null
    default:
      return null
  }
}

/** `releases`, `releases/latest`, `releases/tag/TAG`; a tag may hold slashes, and a download is a file. */
function releaseIn(owner: string, repo: string, rest: readonly string[]): GithubTarget | null {
  const [first, ...tag] = rest
  if (first === undefined) return { kind: 'release', owner, repo, tag: '' }
  if (first === 'latest' && tag.length === 0) return { kind: 'release', owner, repo, tag: first }
  return first === 'tag' && tag.length > 0
    ? { kind: 'release', owner, repo, tag: tag.join('/') }
    : null
}
