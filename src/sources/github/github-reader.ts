import type { GatherSource } from '../source.ts'
import { SourceFailure } from '../source-failure.ts'
import { readConversation } from './github-conversation.ts'
import { readRepositoryFile } from './github-file.ts'
import { readGist } from './github-gist.ts'
import { readRepository } from './github-repository.ts'
import { createGithubRequests, type GithubHosts } from './github-requests.ts'
import { parseGithubUrl } from './github-url.ts'

/** Reads repositories, folders, files, gists, issues and pull requests from the configured hosts. */
export function createGithubReader(hosts: GithubHosts): GatherSource {
  const requests = createGithubRequests(hosts)
  return async ({ url, signal }) => {
    const target = parseGithubUrl(url)
    switch (target?.kind) {
      case 'repository':
        return await readRepository(target, url, requests, signal)
      case 'file':
        return await readRepositoryFile(target, url, requests, signal)
      case 'conversation':
        return await readConversation(target, url, requests, signal)
      case 'gist':
        return await readGist(target.id, url, requests, signal)
      case undefined:
        throw new SourceFailure(
          'UNSUPPORTED_TYPE',
          'not a repository, file, gist, issue or pull request',
        )
    }
  }
}
