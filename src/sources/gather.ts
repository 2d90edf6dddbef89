import { parseGithubUrl } from './github/github-url.ts'
import type { GatheredSource, GatherRequest, GatherSource } from './source.ts'
import { SourceFailure } from './source-failure.ts'

export interface Readers {
  web: GatherSource
  github: GatherSource
  youtube: GatherSource
}

const shownAsPages: ReadonlySet<string> = new Set(['discussion', 'release', 'wiki'])

/** Reads a source with the adapter of its kind. */
export function createGatherer({ web, github, youtube }: Readers): GatherSource {
  return async (request) => {
    switch (request.kind) {
      case 'github':
        return await readGithub({ web, github }, request)
      case 'youtube':
        return await youtube(request)
      case 'web':
        return await web(request)
    }
  }
}

/**
 * Lists and profiles are read as the web pages they are; discussions, releases and wikis as well when what
 * their authors wrote cannot be had.
 */
async function readGithub(
  { web, github }: Pick<Readers, 'web' | 'github'>,
  request: GatherRequest,
): Promise<GatheredSource> {
  const target = parseGithubUrl(request.url)
  if (!target) return await web(request)
  if (!shownAsPages.has(target.kind)) return await github(request)
  try {
    return await github(request)
  } catch (error) {
    if (!(error instanceof SourceFailure) || request.signal.aborted) throw error
    return await web(request)
  }
}
