/** An image that begins and ends on one line: what it shows, where it lies, perhaps a title. */
const image =
  /^!\[((?:[^[\]\\]|\\.)*)\]\([ \t]{0,9}(?:<([^<>]*)>|([^\s()<>]*(?:\([^\s()<>]*\)[^\s()<>]*)*))(?:[ \t]{1,9}(?:"[^"]*"|'[^']*'|\([^()]*\)))?[ \t]{0,9}\)/
/**
 * Brackets that close, with nothing opened behind them: no image, where nothing defines an address. Code and
 * angle brackets could hold the closing one, so neither may be in them.
 */
const noImage = /^!\[(?:[^[\]\\`<]|\\.)*\](?!\()/
/** Longer lines are no prose; their marks are taken away without a look at what follows. */
const lookedAtMax = 4_000

/**
 * A line of Markdown whose images are text: what each shows, and its address, which a person can follow and
 * no viewer loads. An image that goes on in another line, or holds brackets, loses its mark instead and
 * shows as it is written. `vec![1, 2]` is none and stays.
 */
export function imagesAsText(line: string): string {
  if (!line.includes('![')) return line
  let text = ''
  let from = 0
  for (let at = line.indexOf('!['); at >= 0; at = line.indexOf('![', from)) {
    text += line.slice(from, at)
    const isEscaped = (/\\*$/.exec(text.slice(-100))?.[0].length ?? 0) % 2 === 1
    const rest = line.slice(at, at + lookedAtMax)
    const found = isEscaped ? null : image.exec(rest)
    if (isEscaped || (!found && noImage.test(rest))) text += '!['
    else if (found) text += asText(found[1] ?? '', found[2] ?? found[3] ?? '')
    else text += '!\\['
    from = at + (found?.[0].length ?? 2)
  }
  return text + line.slice(from)
}

function asText(shown: string, address: string): string {
  const label = shown.trim()
  const where = /^data:/i.test(address.trim())
    ? '(image)'
    : `(image: \`${address.replaceAll('`', '%60')}\`)`
  return label === '' ? where : `${label} ${where}`
}
