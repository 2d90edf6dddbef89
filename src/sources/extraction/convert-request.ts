/** An answer to convert, as it came. */
export interface ConvertRequest {
  bytes: Uint8Array
  /** Lower case, without parameters; '' when the server named none. */
  mediaType: string
  /** As the server declared it. */
  charset: string | null
  url: string
}
