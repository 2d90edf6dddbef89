/** At most `max` UTF-16 units, with a visible marker saying how much is gone; never half a surrogate pair. */
export function clipText(text: string, max: number): string {
  if (text.length <= max) return text
  const splitsPair = /[\uD800-\uDBFF]/.test(text.charAt(max - 1))
  const kept = text.slice(0, splitsPair ? max - 1 : max)
  return `${kept}\n[… ${text.length - kept.length} more characters left out]`
}
