import { type ReadNotebook, readPlainNotebook } from '../files/notebook.ts'
import type { GatherSource } from '../source.ts'
import { SourceFailure } from '../source-failure.ts'
import { readConversation } from './github-conversation.ts'
import { readDiscussion } from './github-discussion.ts'
import { readRepositoryFile } from './github-file.ts'
import { readGist } from './github-gist.ts'
import { readRelease } from './github-release.ts'
import { readRepository } from './github-repository.ts'
import { createGithubRequests, type GithubHosts } from './github-requests.ts'
import { parseGithubUrl } from './github-url.ts'
import { readWikiPage } from './github-wiki.ts'

export interface GithubSettings extends GithubHosts {
  /** Reads the notebooks among the files; default their text alone. */
  readNotebook?: ReadNotebook
}

/** Reads repositories, files, gists, conversations, releases and wikis from the configured hosts. */
export function createGithubReader(settings: GithubSettings): GatherSource {
  const { readNotebook = readPlainNotebook, ...hosts } = settings
  const deps = { requests: createGithubRequests(hosts), readNotebook }
  return async ({ url, signal }) => {
    const target = parseGithubUrl(url)
    switch (target?.kind) {
      case 'repository':
        return await readRepository(target, url, deps, signal)
      case 'file':
        return await readRepositoryFile(target, url, deps, signal)
      case 'conversation':
        return await readConversation(target, url, deps.requests, signal)
      case 'discussion':
        return await readDiscussion(target, url, deps.requests, signal)
      case 'release':
        return await readRelease(target, url, deps.requests, signal)
      case 'wiki':
        return await readWikiPage(target, url, deps.requests, signal)
      case 'gist':
        return await readGist(target.id, url, deps, signal)
      case undefined:
        throw new SourceFailure(
          'UNSUPPORTED_TYPE',
          'not a repository, file, gist, conversation, release or wiki page',
        )
    }
  }
}
