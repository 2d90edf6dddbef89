import type { QueryFacet } from './query-facets.ts'

/** The commonest words of each language that its neighbours do not share. */
const common: Readonly<Record<string, string>> = {
  en: 'the of and to is that for with are this from which',
  de: 'der und das ist nicht mit ein eine für auf werden sich wie',
  fr: 'les des est une dans pour qui avec sur sont cette aux',
  es: 'los las para una por con del como más este cómo qué',
  it: 'che della sono nel con gli dei alla delle questo più come',
  pt: 'não uma para com dos das são pelo mais como ao você',
  nl: 'het een van en niet met voor zijn worden naar deze ook',
  pl: 'nie jest się na że jak do dla oraz przez który jako',
}

/** In the order of `languages`; a search engine wants the words, not the sentence. */
const languages = ['de', 'fr', 'es', 'it', 'pt', 'nl', 'pl']
const sides: Readonly<Record<string, string>> = {
  'what goes wrong':
    'Fallstricke|pièges à éviter|errores comunes|errori comuni|erros comuns|valkuilen|typowe błędy',
  examples:
    'Beispiele aus der Praxis|exemples concrets|ejemplos reales|esempi reali|exemplos reais|voorbeelden uit de praktijk|przykłady z praktyki',
  numbers:
    'Zahlen und Vergleichstests|chiffres et mesures|cifras y comparativas|dati e confronti|números e comparações|cijfers en metingen|liczby i pomiary',
  alternatives:
    'Alternativen|alternatives|alternativas|alternative|alternativas|alternatieven|alternatywy',
  'what is new': 'Neuerungen|nouveautés|novedades|novità|novidades|nieuwe ontwikkelingen|nowości',
  'proven practice':
    'bewährte Verfahren|bonnes pratiques|buenas prácticas|buone pratiche|boas práticas|goede praktijken|dobre praktyki',
  criticism: 'Kritik|critiques|críticas|critiche|críticas|kritiek|krytyka',
  'how it works':
    'Funktionsweise|fonctionnement|cómo funciona|come funziona|como funciona|hoe werkt het|jak to działa',
  'where it comes from': 'Geschichte|histoire|historia|storia|história|geschiedenis|historia',
  'experience from practice':
    'Erfahrungsbericht|retour d’expérience|caso de estudio|caso di studio|estudo de caso|praktijkervaring|studium przypadku',
  'scholarly work':
    'wissenschaftliche Studie|étude scientifique|estudio científico|studio scientifico|estudo científico|wetenschappelijk onderzoek|badania naukowe',
  'primary documentation':
    'offizielle Dokumentation|documentation officielle|documentación oficial|documentazione ufficiale|documentação oficial|officiële documentatie|oficjalna dokumentacja',
  'what it costs': 'Kosten|coûts|costes|costi|custos|kosten|koszty',
  risks: 'Risiken|risques|riesgos|rischi|riscos|risico’s|ryzyko',
  'worked examples':
    'Anleitung Schritt für Schritt|tutoriel pas à pas|tutorial paso a paso|guida passo passo|tutorial passo a passo|stap voor stap|poradnik krok po kroku',
  'what experts say':
    'Expertenmeinung|avis d’experts|opinión de expertos|opinione degli esperti|opinião de especialistas|mening van experts|opinie ekspertów',
}

const wordsRead = 3_000
/** A fifth or more of the words of running text are such words; of a list of names hardly any are. */
const shareMin = 0.04

/** The language of a text by a vote of its commonest words; English where no other one wins clearly. */
export function languageOfText(text: string): string {
  const words =
    text
      .slice(0, 50_000)
      .toLowerCase()
      .match(/\p{L}+/gu)
      ?.slice(0, wordsRead) ?? []
  const votes = Object.entries(common).map(([language, list]) => {
    const known = new Set(list.split(' '))
    return { language, count: words.filter((word) => known.has(word)).length }
  })
  const english = votes.find(({ language }) => language === 'en')?.count ?? 0
  const [best] = votes.sort((a, b) => b.count - a.count)
  const isClear = best && best.count > 2 * english && best.count >= words.length * shareMin
  return isClear ? best.language : 'en'
}

/** The same sides worded in another language; English for one that is not known. */
export function facetsIn(
  language: string,
  facets: readonly QueryFacet[],
  year: number,
): readonly QueryFacet[] {
  const column = languages.indexOf(language)
  if (column === -1) return facets
  return facets.map((facet) => {
    const words = sides[facet.asks]?.split('|')[column]
    if (!words) return facet
    const after = facet.asks === 'what is new' ? `${words} ${year}` : words
    const [first = ''] = words.split(' ')
    const hint = new RegExp(`(?<!\\p{L})${first.slice(0, 6)}`, 'iu')
    return { asks: facet.asks, hint, of: (subject) => `${subject} ${after}`, after }
  })
}
