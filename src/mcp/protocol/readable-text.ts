import { Refusal } from '../../errors.ts'
import type { ExistingArticle } from '../../events/articles/article-state.ts'
import type { ContentRef } from '../../events/define-event.ts'
import type { Contents } from '../../store/contents/contents.ts'
import { visibleText } from '../../visible-text.ts'
import { type ResearchSection, sectionOf } from '../resources/research-sections.ts'

export interface Readable {
  text: string
  /** Names the text for a cursor. */
  key: string
  label: string
  sha256: string
}

export interface Wanted {
  section?: ResearchSection | undefined
  source?: number | undefined
  query?: number | undefined
  evidence?: boolean | undefined
}

/** The text an agent asked for: research.md or a section of it, a source's, or a query's answer. */
export async function readableText(
  contents: Contents,
  userId: string,
  article: ExistingArticle,
  wanted: Wanted,
): Promise<Readable> {
  const { section, source, query } = wanted
  const evidence = wanted.evidence || undefined
  if ([section, source, query, evidence].filter((part) => part !== undefined).length > 1) {
    throw new Refusal('ARGUMENT_INVALID', {
      path: 'section, source, query, evidence',
      problem: 'only one of them can be given',
    })
  }
  const ref = bodyOf(article, wanted)
  const text = visibleText(await contents.text(userId, ref.sha256))
  return {
    text: section ? sectionOf(text, section) : text,
    key: `${ref.sha256.slice(0, 16)} ${section ?? ''}`,
    label: labelOf(wanted),
    sha256: ref.sha256,
  }
}

function labelOf({ section, source, query, evidence }: Wanted): string {
  if (evidence) return 'research.json'
  if (source !== undefined) return `source ${source}`
  if (query !== undefined) return `answer to query ${query}`
  return section ? `research.md, section ${section}` : 'research.md'
}

function bodyOf(article: ExistingArticle, { source, query, evidence }: Wanted): ContentRef {
  if (source !== undefined) {
    const body = article.sources.get(source)?.markdown
    return body ?? missing('source', 'names no source with a text; get_article lists them')
  }
  if (query !== undefined) {
    const body = article.queries.get(query)?.answer
    return (
      body ??
      missing(
        'query',
        'names no query with an answer in words; its pages are sources, which get_article lists',
      )
    )
  }
  const compiled = evidence ? article.compiled?.evidence : article.compiled?.research
  return compiled ?? notCompiled()
}

function notCompiled(): never {
  throw new Refusal('RESEARCH_NOT_COMPILED')
}

function missing(path: string, problem: string): never {
  throw new Refusal('ARGUMENT_INVALID', { path, problem })
}
