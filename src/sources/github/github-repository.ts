import { codeFence } from '../files/code-fence.ts'
import { fileBlock } from '../files/source-file-markdown.ts'
import type { GatheredSource } from '../source.ts'
import { SourceFailure } from '../source-failure.ts'
import { type ArchiveDigest, archiveLimits, readArchive } from './github-archive.ts'
import type { GithubFiles, GithubRequests } from './github-requests.ts'
import { drawTree } from './github-tree.ts'

export interface RepositoryTarget {
  owner: string
  repo: string
  /** Ref and folder together, as after `/tree/`; empty means the default branch. */
  rest: string[]
}

const refSegmentsMax = 5
const listedMax = 40

/** A repository, or a folder of it, as one Markdown digest pinned to a commit. */
export async function readRepository(
  target: RepositoryTarget,
  url: string,
  { requests, readNotebook }: GithubFiles,
  signal: AbortSignal,
): Promise<GatheredSource> {
  const { answer, ref, folder } = await openArchive(target, requests, signal)
  const digest = await readArchive(answer.stream, folder, archiveLimits, readNotebook)
  if (digest.tree.size === 0) {
    throw new SourceFailure(folder ? 'NOT_FOUND' : 'EMPTY', folder ? 'no such folder' : undefined)
  }
  const name = `${target.owner}/${target.repo}`
  const title = folder ? `${name}: ${folder}` : name
  const etag = answer.headers.get('etag')
  const revision = digest.commit ?? etag
  const notes = notesOn(digest)
  return {
    title,
    markdown: digestMarkdown({ title, name, ref, folder, digest, notes }),
    snapshot: null,
    finalUrl: url,
    retrievedAt: answer.retrievedAt,
    converter: 'github/1',
    ...(revision ? { revision } : {}),
    facts: { site: 'github.com', author: target.owner },
    notes,
  }
}

/**
 * A ref may hold slashes, so `/tree/feature/x/docs` is ambiguous. Git cannot have both `feature` and
 * `feature/x`, so the first prefix the archive host knows is the ref, and no API call is spent on it.
 */
async function openArchive(
  target: RepositoryTarget,
  requests: GithubRequests,
  signal: AbortSignal,
) {
  const { owner, repo, rest } = target
  const tries = Math.max(1, Math.min(rest.length, refSegmentsMax))
  for (let count = 1; ; count += 1) {
    const ref = rest.slice(0, count)
    const path = [owner, repo, 'tar.gz', ...(ref.length ? ref : ['HEAD'])]
    try {
      const answer = await requests.archive(path, signal)
      return { answer, ref: ref.join('/') || 'HEAD', folder: rest.slice(count).join('/') }
    } catch (error) {
      const isUnknown = error instanceof SourceFailure && error.reason === 'NOT_FOUND'
      if (!isUnknown || count >= tries) throw error
    }
  }
}

interface Digested {
  title: string
  name: string
  ref: string
  folder: string
  digest: ArchiveDigest
  notes: string[]
}

function digestMarkdown({ title, name, ref, folder, digest, notes }: Digested): string {
  const characters = digest.files.reduce((sum, file) => sum + file.text.length, 0)
  const facts = [
    `- Repository: https://github.com/${name}`,
    ...(ref === 'HEAD' ? [] : [`- Ref: \`${ref.replace(/`/g, "'")}\``]),
    ...(digest.commit ? [`- Commit: \`${digest.commit}\``] : []),
    ...(folder ? [`- Folder: \`${folder.replace(/`/g, "'")}\``] : []),
    `- Files shown: ${digest.files.length} of ${digest.tree.size}, ${characters} characters`,
  ]
  const parts = [
    `# ${title.replace(/[\\`*_[\]<>#]/g, '\\$&')}`,
    facts.join('\n'),
    '## Directory structure',
    codeFence(drawTree(digest.tree), 'text'),
    '## Files',
    ...digest.files.map((file) => fileBlock(file.path, file)),
    ...(notes.length ? ['## Left out', notes.map((note) => `- ${note}`).join('\n')] : []),
  ]
  return `${parts.join('\n\n')}\n`
}

function notesOn({ leftOut, stoppedAt }: ArchiveDigest): string[] {
  const notes = [...leftOut].map(([reason, paths]) => {
    const named = paths.slice(0, listedMax).map((path) => `\`${path.replace(/`/g, "'")}\``)
    const more = paths.length > listedMax ? ` and ${paths.length - listedMax} more` : ''
    return `${reason}: ${named.join(', ')}${more}`
  })
  if (stoppedAt === 'entries')
    notes.push(`the archive has more than ${archiveLimits.entries} entries; the rest was not read`)
  if (stoppedAt === 'size')
    notes.push('the archive unpacks to more than the limit; the rest was not read')
  return notes
}
