/** An entity tag whole and well formed: half of one would never match again. */
const entityTag = /^(W\/)?"[\x21\x23-\x7e]{1,200}"$/

/**
 * What a later reading may ask "changed since?" with, and the page's `revision`: its strong ETag, else the
 * date of its last change, else its weak ETag. Undefined when the server named none that can be used.
 */
export function webRevision(headers: Headers): string | undefined {
  const tag = headers.get('etag')?.trim() ?? ''
  const changed = Date.parse(headers.get('last-modified') ?? '')
  const isTag = entityTag.test(tag)
  if (isTag && !tag.startsWith('W/')) return tag
  if (!Number.isNaN(changed)) return new Date(changed).toUTCString()
  return isTag ? tag : undefined
}

/** The validators of a conditional request, from a revision as `webRevision` wrote it. */
export function conditionalOn(revision: string): { etag?: string; lastModified?: string } {
  return entityTag.test(revision) ? { etag: revision } : { lastModified: revision }
}
