/** Words, where a script without spaces counts each character as one. */
export function wordCount(text: string): number {
  const ideographs = text.match(
    /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]/gu,
  )
  const words = text.match(/[\p{L}\p{N}]+/gu)
  return (words?.length ?? 0) + Math.max(0, (ideographs?.length ?? 0) - 1)
}
