import { parseGithubUrl } from './github/github-url.ts'
import type { GatherSource } from './source.ts'

export interface Readers {
  web: GatherSource
  github: GatherSource
  youtube: GatherSource
}

/**
 * Reads a source with the adapter of its kind. Pages of GitHub that are not repositories (wikis,
 * discussions, releases) are read as the web pages they are.
 */
export function createGatherer({ web, github, youtube }: Readers): GatherSource {
  return async (request) => {
    switch (request.kind) {
      case 'github':
        return await (parseGithubUrl(request.url) ? github : web)(request)
      case 'youtube':
        return await youtube(request)
      case 'web':
        return await web(request)
    }
  }
}
