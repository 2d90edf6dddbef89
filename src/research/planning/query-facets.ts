/** A side from which one can ask about a subject. */
export interface QueryFacet {
  asks: string
  /** Words of a section that make this side the first one to ask for. */
  hint: RegExp
  /** The question about a subject that is a noun phrase. */
  of: (subject: string) => string
  /** What follows a subject that is a sentence already. */
  after: string
}

/** Every side, in the order in which a section without a hint is asked. */
export const queryFacets = (year: number): readonly QueryFacet[] => [
  {
    asks: 'what goes wrong',
    hint: /\b(?:pitfalls?|fail\w*|mistakes?|outages?|problems?|wrong|gaps?|loses?|traps?)\b/i,
    of: (subject) => `pitfalls of ${subject}`,
    after: 'pitfalls',
  },
  {
    asks: 'examples',
    hint: /\b(?:examples?|case|stories|experience|interviews?|in practice|workshops?)\b/i,
    of: (subject) => `real-world examples of ${subject}`,
    after: 'real-world examples',
  },
  {
    asks: 'numbers',
    hint: /\b(?:bench\w*|measure\w*|performance|throughput|latency|numbers|faster|slow\w*|cost of)\b/i,
    of: (subject) => `${subject} benchmarks`,
    after: 'benchmarks',
  },
  {
    asks: 'alternatives',
    hint: /\b(?:versus|vs|alternatives?|compar\w+|instead|trade-?offs?|choos\w+)\b/i,
    of: (subject) => `${subject} versus alternatives`,
    after: 'alternatives',
  },
  {
    asks: 'what is new',
    hint: /\b(?:new|recent|future|trends?|latest|upcoming|20[2-9]\d|rules?|regulat\w+|laws?)\b/i,
    of: (subject) => `recent developments in ${subject} ${year}`,
    after: `${year}`,
  },
  {
    asks: 'proven practice',
    hint: /\b(?:best|practices?|how to|patterns?|build\w*|rebuild\w*)\b/i,
    of: (subject) => `${subject} best practices`,
    after: 'best practices',
  },
  {
    asks: 'criticism',
    hint: /\b(?:not to|criti\w+|limit\w*|went back|against|sceptic\w*|skeptic\w*|myths?)\b/i,
    of: (subject) => `criticism of ${subject}`,
    after: 'criticism',
  },
  {
    asks: 'how it works',
    hint: /\b(?:how|mechanism|architecture|internals?|algorithm)\b/i,
    of: (subject) => `${subject} explained in depth`,
    after: 'explained in depth',
  },
  {
    asks: 'where it comes from',
    hint: /\b(?:histor\w+|origins?|beginnings|evolution)\b/i,
    of: (subject) => `history of ${subject}`,
    after: 'history',
  },
  {
    asks: 'experience from practice',
    hint: /\b(?:production|deploy\w*|adoption|companies|teams?)\b/i,
    of: (subject) => `${subject} case study`,
    after: 'case study',
  },
  {
    asks: 'scholarly work',
    hint: /\b(?:papers?|stud(?:y|ies)|research|theor\w+|proofs?)\b/i,
    of: (subject) => `research papers on ${subject}`,
    after: 'research paper',
  },
  {
    asks: 'primary documentation',
    hint: /\b(?:docs|documentation|api|specification|standards?|reference)\b/i,
    of: (subject) => `${subject} official documentation`,
    after: 'official documentation',
  },
  {
    asks: 'what it costs',
    hint: /\b(?:costs?|prices?|budget|money|economics)\b/i,
    of: (subject) => `cost of ${subject}`,
    after: 'cost',
  },
  {
    asks: 'risks',
    hint: /\b(?:risks?|secur\w+|privacy|erasure|attacks?|threats?|safety)\b/i,
    of: (subject) => `risks of ${subject}`,
    after: 'risks',
  },
  {
    asks: 'worked examples',
    hint: /\b(?:tutorials?|step by step|code|hands-on)\b/i,
    of: (subject) => `${subject} step by step tutorial`,
    after: 'step by step tutorial',
  },
  {
    asks: 'what experts say',
    hint: /\b(?:experts?|opinions?|interview)\b/i,
    of: (subject) => `expert opinions on ${subject}`,
    after: 'expert opinions',
  },
]
