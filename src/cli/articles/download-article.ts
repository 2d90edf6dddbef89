import { writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { loadArticle } from '../../commands/articles/article-stream.ts'
import { Refusal } from '../../errors.ts'
import type { CliCall } from '../command.ts'
import { openStore } from '../setup/open-store.ts'

/** `nova articles download`: writes research.md as it was compiled. Throws RESEARCH_NOT_COMPILED, OUTPUT_FILE_UNWRITABLE. */
export async function downloadArticle(
  call: CliCall,
  userId: string,
  articleId: string,
): Promise<number> {
  const path = resolve(call.option('output') ?? 'research.md')
  await using store = await openStore(call.settings())
  const { article } = await loadArticle(store.deps.store, userId, articleId)
  if (!article.compiled) throw new Refusal('RESEARCH_NOT_COMPILED')
  const bytes = await store.deps.contents.get(userId, article.compiled.research.sha256)
  try {
    await writeFile(path, bytes)
  } catch (cause) {
    throw new Refusal('OUTPUT_FILE_UNWRITABLE', { path }, { cause })
  }
  call.terminal.print(`${path}: ${bytes.byteLength} bytes`)
  return 0
}
