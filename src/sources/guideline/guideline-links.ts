import { visibleText } from '../../visible-text.ts'
import { canonicalUrl } from '../canonical-url.ts'
import { linkKind } from '../link-kind.ts'
import type { SourceKind } from '../source.ts'
import { guidelineFinds } from './guideline-finds.ts'
import type { Find } from './markdown-finds.ts'

export interface GuidelineLink {
  /** As written, in a form that any URL parser takes; without user name and password. */
  url: string
  /** The key under which this address is known; see `canonicalUrl`. */
  canonical: string
  kind: SourceKind
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
 * Local files are paths with a known ending in links, code spans and list items; at most 200.
 * Time is linear in the text, whatever it holds.
 */
export function linksInGuideline(markdown: string): GuidelineLinks {
  const finds = guidelineFinds(visibleText(markdown))
  const links = uniqueLinks(namedUrls(finds))
  const localFiles = new Set(finds.flatMap((find) => (find.kind === 'file' ? [find.name] : [])))
  return {
    links: links.length
      ? links
      : uniqueLinks(finds.flatMap((find) => (find.kind === 'code-link' ? [find.url] : []))),
    localFiles: [...localFiles].slice(0, localFilesMax),
  }
}

function namedUrls(finds: readonly Find[]): string[] {
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
        return [find.url]
      case 'reference':
        return definitions.get(find.identifier) ?? []
      case 'definition': {
        const { identifier } = find
        return pictured.has(identifier) || linked.has(identifier) ? [] : [find.url]
      }
      default:
        return []
    }
  })
}

function uniqueLinks(addresses: readonly string[]): GuidelineLink[] {
  const links = new Map<string, GuidelineLink>()
  const seen = new Set<string>()
  for (const address of addresses) {
    if (seen.has(address)) continue
    seen.add(address)
    const url = usableUrl(address)
    if (url === null) continue
    const canonical = canonicalUrl(url)
    if (!links.has(canonical)) links.set(canonical, { url, canonical, kind: linkKind(url) })
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
