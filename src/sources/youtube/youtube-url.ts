export type YoutubeUrl = { kind: 'video'; id: string } | { kind: 'playlist'; id: string }

const hosts: ReadonlySet<string> = new Set([
  'youtube.com',
  'www.youtube.com',
  'm.youtube.com',
  'music.youtube.com',
  'youtu.be',
  'www.youtu.be',
  'youtube-nocookie.com',
  'www.youtube-nocookie.com',
])

/** Words that stand where ids stand. They are as long as one. */
const reserved: ReadonlySet<string> = new Set(['videoseries', 'live_stream'])

/** An id that something was glued to: of two question marks in one address the second is no part of the id. */
const videoId = (text: string | null | undefined): string | undefined => {
  const id = /^[\w-]{11}(?![\w-])/.exec(text?.trim() ?? '')?.[0]
  return id === undefined || reserved.has(id) ? undefined : id
}

const playlistId = (text: string | null): string | undefined =>
  /^[\w-]{2,64}(?![\w-])/.exec(text?.trim() ?? '')?.[0]

/** The video or playlist an address names, or null: channels, searches and whatever a channel streams now are ordinary pages. */
export function parseYoutubeUrl(address: string): YoutubeUrl | null {
  const url = URL.parse(address)
  if (!url || !/^https?:$/.test(url.protocol) || url.port !== '') return null
  const host = url.hostname.replace(/\.$/, '')
  if (!hosts.has(host)) return null
  // Some senders encode the question mark of `watch?v=` with the rest of the address.
  const path = url.pathname.replace(/^\/(watch|playlist)%3f/i, '/$1?')
  if (path !== url.pathname) {
    return parseYoutubeUrl(url.origin + path.replace(/%3d/gi, '=').replace(/%26/g, '&'))
  }
  const [first = '', second] = url.pathname.split('/').filter(Boolean)
  const isShort = host.endsWith('youtu.be') && first !== 'watch' && first !== 'playlist'
  const id = videoId(isShort ? first : videoIdIn(url, first, second))
  if (id !== undefined) return { kind: 'video', id }
  const list = playlistId(url.searchParams.get('list'))
  const namesList = /^(?:playlist|watch|embed|v|e)$/.test(first)
  return namesList && list !== undefined ? { kind: 'playlist', id: list } : null
}

function videoIdIn(url: URL, first: string, second: string | undefined) {
  if (first === 'watch') return url.searchParams.get('v') ?? second
  if (first === 'attribution_link') {
    const target = URL.parse(url.searchParams.get('u') ?? '', 'https://www.youtube.com')
    return target?.pathname === '/watch' ? target.searchParams.get('v') : undefined
  }
  return /^(?:shorts|embed|live|v|e|vi)$/.test(first) ? second : undefined
}
