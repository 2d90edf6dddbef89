/** Text as a fenced code block. The fence is longer than any run of backticks inside, so content cannot end it. */
export function codeFence(text: string, language = ''): string {
  let longest = 2
  for (const run of text.match(/`{3,}/g) ?? []) longest = Math.max(longest, run.length)
  const fence = '`'.repeat(longest + 1)
  return `${fence}${language}\n${withoutTrailingNewlines(text)}\n${fence}`
}

/** By hand: a pattern anchored at the end is quadratic on long runs of empty lines. */
function withoutTrailingNewlines(text: string): string {
  let end = text.length
  while (text[end - 1] === '\n') end -= 1
  return text.slice(0, end)
}
