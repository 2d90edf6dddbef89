/** What research asks of the guarded fetch; structural, so that research does not choose an implementation. */
export interface HttpPort {
  fetch(request: HttpPortRequest): Promise<HttpPortAnswer>
}

interface HttpPortRequest {
  url: string
  method?: 'GET' | 'POST' | 'HEAD'
  headers?: Record<string, string>
  body?: string
  accept?: string
  signal?: AbortSignal
  maxBytes?: number
  timeoutMs?: number
  /** An API that the operator configured has agreed to be called; robots.txt is for crawling. */
  obeyRobots?: boolean
  retries?: number
}

export interface HttpPortAnswer {
  /** Where the answer came from, after redirects. */
  url: string
  status: number
  headers: Headers
  mediaType: string
  bytes: Uint8Array
}
