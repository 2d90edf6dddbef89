/** Headings that say for whom, how and from what to write, not about what. */
const instructions = wholeTitle(
  `(?:article )?guidelines?( for .*)?`,
  `(?:key |further |suggested |required |recommended |golden |other )?(?:references?|sources?|links?|resources?|readings?|bibliography)( to .*)?`,
  `(?:local |attached )?(?:files?|attachments?|assets?|images?|figures?|diagrams?)`,
  `notes?( (?:to|for) .*)?|metadata|status|deadlines?|authors?|seo|keywords`,
  `(?:target |intended )?(?:audience|readers?|readership)|who (?:this|it) is for`,
  `(?:writing )?(?:style|tone|voice)( (?:and|&|of|guide).*)?|language`,
  `format(?:ting)?( .*)?|(?:article )?(?:length|word count)( .*)?`,
  `(?:general |writing |additional )?(?:instructions?|requirements?|constraints?|rules)( .*)?`,
  `how to write.*|what to avoid|do(?:s|'s)? and don(?:ts|'ts|’ts)`,
  `(?:code|listings?|code (?:examples?|samples?|listings?))( in .*)?`,
  `(?:working )?titles?( ideas?)?|call to action|deliverables?|checklist|acknowledge?ments?`,
)

/** Headings whose text says what the article is for; of use only when nothing else is there. */
const purposes = wholeTitle(
  `(?:the )?(?:goals?|objectives?|purpose|aims?|thesis|brief|abstract|summary|context)( of .*)?`,
  `(?:what (?:the |your )?readers? .*|(?:key )?take-?aways?.*|learning (?:goals?|objectives?|outcomes?))`,
)

/** Headings under which the outline itself stands as a list. */
const containers = wholeTitle(
  `(?:article |detailed |proposed )?(?:outline|structure|contents?|table of contents|toc|sections|chapters|topics)( of .*)?`,
  `(?:key|main|talking) points|(?:topics|points|questions) to (?:cover|answer)|what to cover|scope|body`,
)

/** Headings that every article has; they ask nothing by themselves. */
const generic = wholeTitle(
  `(?:an? |the )?(?:introduction|intro|opening|hook|overview|conclusions?|closing|wrap[- ]?up|outro|summary|tl;?dr|faqs?|recap|final thoughts|epilogue|prologue|preface|appendix|background|basics|motivation)`,
)

type HeadingSort = 'topic' | 'generic' | 'container' | 'purpose' | 'instruction'

/** What a heading is to somebody who plans research. */
export function headingSort(title: string): HeadingSort {
  const bare = title.replace(/[\s:.!?]+$/, '')
  if (instructions.test(bare)) return 'instruction'
  if (containers.test(bare)) return 'container'
  if (generic.test(bare)) return 'generic'
  return purposes.test(bare) ? 'purpose' : 'topic'
}

function wholeTitle(...alternatives: string[]): RegExp {
  return new RegExp(`^(?:${alternatives.join('|')})$`, 'i')
}
