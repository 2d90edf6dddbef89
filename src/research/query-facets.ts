/** What a search can ask about one subject, in the order in which the rounds ask it. */
export const queryFacets = [
  { suffix: '', asks: 'the subject itself' },
  { suffix: 'how it works in detail', asks: 'how it works' },
  { suffix: 'best practices', asks: 'proven practice' },
  { suffix: 'benchmark measurements', asks: 'numbers' },
  { suffix: 'comparison of alternatives', asks: 'alternatives' },
  { suffix: 'common pitfalls and failures', asks: 'what goes wrong' },
  { suffix: 'real-world case study', asks: 'experience from practice' },
  { suffix: 'recent developments', asks: 'what is new' },
  { suffix: 'criticism and limitations', asks: 'criticism' },
  { suffix: 'definition and history', asks: 'where it comes from' },
  { suffix: 'tutorial with code examples', asks: 'worked examples' },
  { suffix: 'research paper', asks: 'scholarly work' },
  { suffix: 'official documentation', asks: 'primary documentation' },
  { suffix: 'cost and performance trade-offs', asks: 'trade-offs' },
  { suffix: 'security considerations', asks: 'security' },
  { suffix: 'expert opinion', asks: 'what experts say' },
] as const
