import type { FailureReason } from '../../src/sources/source-failure.ts'

/**
 * What services send besides an answer, written by hand after public material: no live service is reached by the tests.
 * `source` names where a shape was seen; `nova doctor --live` says which one comes back for real.
 */
interface Shape {
  shape: string
  source: string
  status: number
  headers?: Record<string, string>
  body: unknown
}

export interface SearchShape extends Shape {
  provider: 'brave' | 'exa' | 'tavily' | 'perplexity' | 'searxng'
  /** How it ends, and a word of what the operator is told. */
  ends: readonly [reason: string, said: RegExp]
}

const brave = (code: string, status: number, detail: string) => ({
  type: 'ErrorResponse',
  error: { id: 'e-1', status, code, detail, meta: {} },
  time: 1754364294,
})

export const searchShapes: readonly SearchShape[] = [
  {
    provider: 'brave',
    shape: 'a key that does not count',
    source: 'https://github.com/nearai/ironclaw/issues/2780',
    status: 422,
    body: brave('SUBSCRIPTION_TOKEN_INVALID', 422, 'The provided subscription token is invalid.'),
    ends: ['UNAUTHORIZED', /check BRAVE_API_KEY/],
  },
  {
    provider: 'brave',
    shape: 'a parameter that is not taken, under the same status',
    source: 'https://github.com/egoist/chatwise-releases/issues/936',
    status: 422,
    body: brave('VALIDATION', 422, 'Unable to validate request parameter(s)'),
    ends: ['UNAVAILABLE', /a parameter was not taken/],
  },
  {
    provider: 'brave',
    shape: 'a limit',
    source: 'https://github.com/egoist/chatwise-releases/issues/936',
    status: 429,
    body: brave('RATE_LIMITED', 429, 'Request rate limit exceeded for plan.'),
    ends: ['RATE_LIMITED', /status 429/],
  },
  {
    provider: 'exa',
    shape: 'no credit left',
    source: 'https://exa.ai/docs/reference/error-codes.md',
    status: 402,
    body: {
      requestId: 'r-1',
      error: 'You have exceeded your credits limit.',
      tag: 'NO_MORE_CREDITS',
    },
    ends: ['UNAUTHORIZED', /no credit left/],
  },
  {
    provider: 'exa',
    shape: 'a key that does not count',
    source: 'https://exa.ai/docs/reference/error-codes.md',
    status: 401,
    body: { requestId: 'r-1', error: 'Invalid API key', tag: 'INVALID_API_KEY' },
    ends: ['UNAUTHORIZED', /check EXA_API_KEY/],
  },
  {
    provider: 'tavily',
    shape: 'a plan that is used up',
    source: 'https://docs.tavily.com/documentation/api-reference/endpoint/search',
    status: 432,
    body: { detail: { error: "This request exceeds your plan's set usage limit." } },
    ends: ['UNAUTHORIZED', /the plan is used up/],
  },
  {
    provider: 'tavily',
    shape: 'a limit',
    source: 'https://github.com/assafelovic/gpt-researcher/issues/1047',
    status: 429,
    body: { detail: { error: 'Your request has been blocked due to excessive requests.' } },
    ends: ['RATE_LIMITED', /status 429/],
  },
  {
    provider: 'perplexity',
    shape: 'a page of the gateway before the API',
    source: 'https://github.com/perplexityai/api-discussion/issues/281',
    status: 401,
    headers: { 'content-type': 'text/html' },
    body: '<html><head><title>401 Authorization Required</title></head><body></body></html>',
    ends: ['UNAUTHORIZED', /check PPLX_API_KEY/],
  },
  {
    provider: 'searxng',
    shape: 'an instance without JSON',
    source: 'https://github.com/searxng/searxng/issues/5677',
    status: 403,
    headers: { 'content-type': 'text/html' },
    body: '<!doctype html><title>403 Forbidden</title>',
    ends: ['UNAUTHORIZED', /search\.formats must list json/],
  },
  {
    provider: 'searxng',
    shape: 'its page instead of JSON',
    source: 'https://github.com/searxng/searxng/pull/5727',
    status: 200,
    headers: { 'content-type': 'text/html' },
    body: '<!doctype html><html><body>results</body></html>',
    ends: ['BAD_ANSWER', /not JSON/],
  },
]

export interface SourceShape extends Shape {
  ends: readonly [reason: FailureReason, said: RegExp]
}

export const githubShapes: readonly SourceShape[] = [
  {
    shape: 'the limit of the hour',
    source: 'https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api',
    status: 403,
    headers: { 'x-ratelimit-limit': '60', 'x-ratelimit-remaining': '0' },
    body: { message: "API rate limit exceeded for 192.0.2.1. (But here's the good news: …)" },
    ends: ['RATE_LIMITED', /hourly limit/],
  },
  {
    shape: 'the limit of the hour, under its new status',
    source: 'https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api',
    status: 429,
    headers: { 'x-ratelimit-remaining': '0' },
    body: { message: 'API rate limit exceeded' },
    ends: ['RATE_LIMITED', /hourly limit/],
  },
  {
    shape: 'the secondary limit, with requests of the hour left',
    source: 'https://github.com/KnpLabs/php-github-api/pull/1072',
    status: 403,
    headers: { 'retry-after': '600', 'x-ratelimit-limit': '30', 'x-ratelimit-remaining': '14' },
    body: { message: 'You have exceeded a secondary rate limit. Please wait a few minutes.' },
    ends: ['RATE_LIMITED', /secondary limit/],
  },
  {
    shape: 'a repository that is not for everybody',
    source: 'https://docs.github.com/en/rest/using-the-rest-api/troubleshooting-the-rest-api',
    status: 404,
    body: { message: 'Not Found', status: '404' },
    ends: ['NOT_FOUND', /no such page/],
  },
]

export const youtubeShapes: readonly SourceShape[] = [
  {
    shape: 'a robot that is asked to sign in',
    source: 'https://github.com/d0x-dev/AirBeats/issues/49',
    status: 200,
    body: {
      playabilityStatus: {
        status: 'LOGIN_REQUIRED',
        reason: 'Sign in to confirm you’re not a bot',
      },
    },
    ends: ['VIDEO_BLOCKED', /asks for a sign-in/],
  },
  {
    shape: 'an age limit, under the same status',
    source: 'https://github.com/WearifulCupid0/lavaplayer/issues/1',
    status: 200,
    body: {
      playabilityStatus: {
        status: 'LOGIN_REQUIRED',
        reason: 'This video may be inappropriate for some users.',
      },
    },
    ends: ['UNPLAYABLE', /private, removed or restricted/],
  },
  {
    shape: 'a video that is gone',
    source:
      'https://github.com/jdepoix/youtube-transcript-api (youtube_transcript_api/_transcripts.py)',
    status: 200,
    body: { playabilityStatus: { status: 'ERROR', reason: 'This video is unavailable' } },
    ends: ['UNPLAYABLE', /private, removed or restricted/],
  },
  {
    shape: 'a video without captions',
    source: 'https://github.com/jdepoix/youtube-transcript-api/issues/303',
    status: 200,
    body: { playabilityStatus: { status: 'OK' }, videoDetails: { title: 'A talk' } },
    ends: ['NO_CAPTIONS', /no captions/],
  },
  {
    shape: 'a page to consent in',
    source:
      'https://github.com/jdepoix/youtube-transcript-api (youtube_transcript_api/_transcripts.py)',
    status: 200,
    headers: { 'content-type': 'text/html; charset=utf-8' },
    body: '<!doctype html><form action="https://consent.youtube.com/s"><button>Accept all</button></form>',
    ends: ['VIDEO_BLOCKED', /a consent page/],
  },
  {
    shape: 'too many requests',
    source: 'https://github.com/jdepoix/youtube-transcript-api/issues/303',
    status: 429,
    headers: { 'content-type': 'text/html' },
    body: '<html><title>429</title>',
    ends: ['VIDEO_BLOCKED', /status 429/],
  },
]
