/** Another writer was faster: read the stream again and decide with what it says now. */
export class WrongVersion extends Error {
  readonly stream: string
  constructor(stream: string, expected: number | undefined) {
    super(`${stream} is no longer at version ${expected ?? 'none'}`)
    this.name = 'WrongVersion'
    this.stream = stream
  }
}
