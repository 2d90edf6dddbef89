/** Sentences to the writer, which ask nothing about the world. */
const toTheWriter =
  /^(?:open|close|begin|start|end|finish|use|take|be|keep|see|avoid|do not|don['’]t|never|add|cite|quote|link|make sure|assume|remember|please|our|feel free|stay|prefer|refer|hook|write (?:in|for|as|with|around|at|clearly|simply)|(?:the )?(?:target )?(?:audience|readers?|tone|style|length|voice)|readers?|every (?:listing|claim|section)|aim for|about [\d,.]+ words|no (?:marketing|fluff|jargon))\b|\b[\d,.]+k? words\b/i

/** What a sentence says to the writer before it names its topic. */
const leadIn =
  /^(?:(?:then|also|finally|first|next|and|please|briefly|i want (?:you )?to|we (?:should|will|want to|need to)|you (?:should|will)|it should|should|must|the (?:article|section|post|piece) (?:should |will |must )?)\b,?\s*)*(?:(?:write (?:an? |the )?(?:[\w-]+ ){0,3}?(?:article|post|essay|piece|section|text|guide) (?:about|on)|write about|talk about|look at|go (?:over|into)|focus on|dive into|touch on|cover|explain|discuss|describe|show|compare|mention|include|introduce|present|address|contrast|explore|examine|outline|analy[sz]e|define|answer|covers?)\b[:,]?\s*)?(?:(?:and )?(?:explain|show|describe|discuss|cover)\b\s*)?(?:that\s+(?=\S+\s+\S+\s+\S))?/i

const sentencesMax = 30

/** The sentences of a paragraph that name a topic, without what they say to the writer before it. */
export const topicalSentences = (paragraph: string): string[] =>
  paragraph
    .split(/(?<=[.!?…])\s+(?=[\p{Lu}\p{Lo}"“(])|(?<=[。！？])/u)
    .slice(0, sentencesMax)
    .map((sentence) => sentence.trim())
    .filter((sentence) => sentence !== '' && !toTheWriter.test(sentence))
    .map(withoutLeadIn)

export const withoutLeadIn = (sentence: string): string => sentence.replace(leadIn, '').trim()
