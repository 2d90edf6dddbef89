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

const isVideoId = (id: string | null | undefined): id is string => /^[\w-]{11}$/.test(id ?? '')
const isPlaylistId = (id: string | null | undefined): id is string => /^[\w-]{2,64}$/.test(id ?? '')

/** The video or playlist an address names, or null: channels and searches are ordinary pages. */
export function parseYoutubeUrl(address: string): YoutubeUrl | null {
  const url = URL.parse(address)
  if (!url || !/^https?:$/.test(url.protocol) || url.port !== '') return null
  const host = url.hostname.replace(/\.$/, '')
  if (!hosts.has(host)) return null
  const [first = '', second] = url.pathname.split('/').filter(Boolean)
  const id = host.endsWith('youtu.be') ? first : videoIdIn(url, first, second)
  if (isVideoId(id)) return { kind: 'video', id }
  const list = url.searchParams.get('list')
  const namesList = first === 'playlist' || first === 'watch' || first === 'embed'
  return namesList && isPlaylistId(list) ? { kind: 'playlist', id: list } : null
}

function videoIdIn(url: URL, first: string, second: string | undefined) {
  if (first === 'watch') return url.searchParams.get('v') ?? second
  return /^(?:shorts|embed|live|v|e)$/.test(first) ? second : undefined
}
