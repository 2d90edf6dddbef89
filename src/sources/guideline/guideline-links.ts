import { visibleText } from '../../visible-text.ts'
import { canonicalUrl } from '../canonical-url.ts'
import { linkKind } from '../link-kind.ts'
import type { SourceKind } from '../source.ts'
import { askedFiles } from './asked-files.ts'
import { guidelineFinds } from './guideline-finds.ts'
import { type GuidelinePlaces, guidelinePlaces } from './guideline-places.ts'
import type { Find } from './markdown-finds.ts'

export interface GuidelineLink {
  /** As written, in a form that any URL parser takes; without user name and password. */
  url: string
  /** The key under which this address is known; see `canonicalUrl`. */
  canonical: string
  kind: SourceKind
  /** What the list says that it stands in: “Golden Sources”, “Other Sources”, or nothing. */
  rank: 'golden' | 'other' | null
}

export interface GuidelineLinks {
  links: GuidelineLink[]
  /** Normalised base names of files the guideline expects to be uploaded. */
  localFiles: string[]
}

/** Finds the links of a guideline's text. Throws Refusal when that would take too much. */
export type ReadGuidelineLinks = (text: string) => Promise<GuidelineLinks>

const localFilesMax = 200
const urlCharactersMax = 8_000

/**
 * Every http(s) link of a guideline, each once, in the order of first mention: inline, reference, angle
 * brackets, bare (GFM), HTML anchors and players, footnotes. Decided: a definition that nothing uses still
 * names its address, one that only an image uses does not; images are not sources. Addresses in code, or
 * in HTML as text, are examples, so they count only when the guideline has no other link at all.
 * Local files are paths with a known ending in links, code spans and list items that the guideline asks to be used (see
 * `askedFiles`); at most 200. A link's rank is that of the best list it stands in.
 * Time is linear in the text, whatever it holds.
 */
export function linksInGuideline(markdown: string): GuidelineLinks {
  const text = visibleText(markdown)
  const finds = guidelineFinds(text)
  const places = guidelinePlaces(text)
  const links = uniqueLinks(namedUrls(finds), places)
  const files = new Set(askedFiles(text, finds, places))
  return {
    links: links.length
      ? links
      : uniqueLinks(
          finds.flatMap((find) => (find.kind === 'code-link' ? [find] : [])),
          places,
        ),
    localFiles: [...files].slice(0, localFilesMax),
  }
}

interface NamedUrl {
  url: string
  offset: number
}

function namedUrls(finds: readonly Find[]): NamedUrl[] {
  const definitions = new Map<string, string>()
  const linked = new Set<string>()
  const pictured = new Set<string>()
  for (const find of finds) {
    // The first of two definitions of one label counts.
    if (find.kind === 'definition' && !definitions.has(find.identifier)) {
      definitions.set(find.identifier, find.url)
    }
    if (find.kind === 'reference') linked.add(find.identifier)
    if (find.kind === 'image-reference') pictured.add(find.identifier)
  }
  return finds.flatMap((find) => {
    switch (find.kind) {
      case 'link':
        return [find]
      case 'reference': {
        const url = definitions.get(find.identifier)
        return url === undefined ? [] : [{ url, offset: find.offset }]
      }
      case 'definition': {
        const { identifier } = find
        return pictured.has(identifier) || linked.has(identifier) ? [] : [find]
      }
      default:
        return []
    }
  })
}

function uniqueLinks(named: readonly NamedUrl[], places: GuidelinePlaces): GuidelineLink[] {
  const links = new Map<string, GuidelineLink>()
  const known = new Map<string, string | null>()
  for (const { url: address, offset } of named) {
    let canonical = known.get(address)
    if (canonical === undefined) {
      const url = usableUrl(address)
      canonical = url === null ? null : canonicalUrl(url)
      known.set(address, canonical)
      if (url !== null && canonical !== null && !links.has(canonical)) {
        links.set(canonical, { url, canonical, kind: linkKind(url), rank: null })
      }
    }
    const link = links.get(canonical ?? '')
    if (link && link.rank !== 'golden') link.rank = places.rankAt(offset) ?? link.rank
  }
  return [...links.values()]
}

function usableUrl(address: string): string | null {
  const written = encoded(address.trim())
  if (!/^https?:\/\//i.test(written) || written.length > urlCharactersMax) return null
  const parsed = URL.parse(written)
  if (!parsed?.hostname) return null
  const isPlain = /^https?:\/\/[\w.:[\]@%-]+([/?#][\x21-\x7e]*)?$/.test(written)
  if (isPlain && !parsed.username && !parsed.password) return written
  // A password has no business in events and in research.md, and a name in front of @ only deceives.
  parsed.username = ''
  parsed.password = ''
  return parsed.href
}

/** What an address may not hold is written as CommonMark writes it: a backslash is no slash. Hosts may be IDNs. */
function encoded(address: string): string {
  const [, scheme = '', host = '', rest = ''] =
    /^(https?:\/\/)([^/?#]*)(.*)$/is.exec(address.toWellFormed()) ?? []
  const forbidden = /%(?![0-9a-f]{2})|[^\w.~:/?#@!$&'()*+,;=%-]/giu
  const notInHosts = /["\\^`{|}]/g
  return scheme === ''
    ? address
    : scheme +
        host.replace(notInHosts, encodeURIComponent) +
        rest.replace(forbidden, encodeURIComponent)
}
