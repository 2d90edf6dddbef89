import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { facetsIn, languageOfText } from '../../../src/research/planning/facet-languages.ts'
import { planQueries } from '../../../src/research/planning/plan-queries.ts'
import { queryFacets } from '../../../src/research/planning/query-facets.ts'

const texts: Record<string, string> = {
  en: 'This is about queues and what they are for: work that waits for the time of those who do it.',
  de: 'Der Artikel zeigt, wie man Warteschlangen für die Arbeit nutzt, und das ist nicht so einfach.',
  fr: 'Cette présentation montre comment les files sont utilisées dans la pratique, avec des exemples.',
  es: 'Este artículo explica cómo se usan las colas para una aplicación y qué problemas tienen los equipos.',
  it: 'Questo articolo spiega come si usano le code nel lavoro, con gli esempi della pratica e delle aziende.',
  pt: 'Este artigo mostra como as filas são usadas para o trabalho, com exemplos dos projetos que não são simples.',
  nl: 'Dit artikel laat zien hoe wachtrijen worden gebruikt voor het werk van een team, en niet met theorie.',
  pl: 'Ten artykuł pokazuje, jak kolejki są używane do pracy, co nie jest proste, oraz przez kogo i na czym.',
}

describe('the language of a guideline', () => {
  for (const [language, text] of Object.entries(texts)) {
    it(`is told by its commonest words: ${language}`, () => {
      assert.equal(languageOfText(text), language)
    })
  }

  it('is English where nothing else is clear', () => {
    const others = [
      '',
      'PostgreSQL, Kafka, Redis',
      '队列保存工作。',
      'const a = 1; return a',
      'Das Auto in English is the car',
    ]
    for (const text of others) assert.equal(languageOfText(text), 'en', text)
    assert.equal(languageOfText(`${texts.en} ${texts.en} ${texts.de}`), 'en')
  })
})

describe('the sides of a subject', () => {
  it('are worded in every language, each on its own', () => {
    const english = queryFacets(2026)
    for (const language of Object.keys(texts).filter((name) => name !== 'en')) {
      const facets = facetsIn(language, english, 2026)
      assert.deepEqual(
        facets.map(({ asks }) => asks),
        english.map(({ asks }) => asks),
      )
      assert.equal(new Set(facets.map(({ after }) => after)).size, english.length, language)
      assert.ok(facets.every(({ of }, index) => of('x') !== english[index]?.of('x')))
      assert.ok(facets.some(({ after }) => after.endsWith(' 2026')))
    }
  })

  it('are asked for in the language of the guideline', async () => {
    const plan = (guidelineText: string, title: string) =>
      planQueries(
        {
          guidelineText,
          title,
          linkTitles: [],
          sourceExcerpts: [],
          pastQueries: [],
          results: [],
          count: 20,
          year: 2026,
          signal: new AbortController().signal,
        },
        null,
      )
    const german = await plan(
      `# Warteschlangen\n\n${texts.de}\n\n## Zustellung\n\n${texts.de}`,
      'Warteschlangen',
    )
    const asked = german.queries.map(({ query }) => query).join('\n')
    assert.match(asked, /Warteschlangen Fallstricke|Fallstricke/)
    assert.doesNotMatch(asked, /pitfalls|best practices|examples of/)
  })
})
