import { z } from 'zod'
import { visibleLine } from '../../visible-text.ts'
import { clipText } from '../files/clip-text.ts'
import { fileBlock, readableFile } from '../files/source-file-markdown.ts'
import type { GatheredSource } from '../source.ts'
import { SourceFailure } from '../source-failure.ts'
import { archiveLimits } from './github-archive.ts'
import type { GithubFiles } from './github-requests.ts'

const gistSchema = z.object({
  description: z.string().nullish().catch(null),
  owner: z.object({ login: z.string() }).nullish().catch(null),
  created_at: z.string().nullish().catch(null),
  history: z.array(z.object({ version: z.string() })).catch([]),
  files: z.record(
    z.string(),
    z.object({ content: z.string().catch(''), truncated: z.boolean().catch(false) }).nullable(),
  ),
})

/** A gist with all its files, pinned to its latest version. */
export async function readGist(
  id: string,
  url: string,
  { requests, readNotebook }: GithubFiles,
  signal: AbortSignal,
): Promise<GatheredSource> {
  const retrievedAt = new Date()
  const parsed = gistSchema.safeParse(await requests.api(['gists', id], '', signal))
  if (!parsed.success)
    throw new SourceFailure('EXTRACTION_FAILED', 'GitHub answered in another form')
  const { description, owner, created_at, history, files } = parsed.data
  const named = Object.entries(files).flatMap(([name, file]) => (file ? [{ name, ...file }] : []))
  if (named.every((file) => file.content.trim() === '')) throw new SourceFailure('EMPTY')
  const title = visibleLine(description?.trim() || named[0]?.name || id, 300)
  const blocks = await Promise.all(
    named.map(async ({ name, content }) =>
      fileBlock(
        visibleLine(name, 300),
        await readableFile(name, content, archiveLimits.fileChars, readNotebook),
      ),
    ),
  )
  const revision = history[0]?.version
  const facts = `- Gist: https://gist.github.com/${owner ? `${owner.login}/` : ''}${id}${revision ? `\n- Revision: \`${revision}\`` : ''}`
  return {
    title,
    markdown: `${clipText([`# ${title}`, facts, ...blocks].join('\n\n'), archiveLimits.totalChars)}\n`,
    snapshot: null,
    finalUrl: url,
    retrievedAt,
    converter: 'github/1',
    ...(revision ? { revision } : {}),
    facts: {
      site: 'gist.github.com',
      ...(owner ? { author: owner.login } : {}),
      ...(created_at ? { publishedAt: created_at } : {}),
    },
    notes: named.filter((file) => file.truncated).map((file) => `${file.name} was cut by GitHub`),
  }
}
