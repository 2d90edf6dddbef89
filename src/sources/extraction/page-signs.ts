import type { Element, Root } from 'hast'
import { attribute, findElements, isElement } from './html-tree.ts'
import { linkedThings } from './linked-data.ts'

/** What a page says of itself: one article (a story, a post, a recipe), a talk of many, or neither. */
export type PageSigns = 'article' | 'discussion' | 'none'

const discussionTypes = /^(QAPage|DiscussionForumPosting)$/
const articleTypes = /^(\w*Article|BlogPosting|LiveBlogPosting|Report|Recipe|Review)$/
const forums =
  /\b(discourse|phpbb|vbulletin|xenforo|mybb|flarum|nodebb|simple machines|invision)\b/i
const forumAddress =
  /^https?:\/\/(forums?|discuss|community)\.|\/(forums?|threads?|topics?|questions|viewtopic|showthread|discussions?|comments)\b/i

export function pageSigns(root: Root, url: string): PageSigns {
  const types = [...linkedTypes(root), ...itemTypes(root)]
  const meta = metaOf(root)
  if (
    types.some((type) => discussionTypes.test(type)) ||
    forums.test(meta.get('generator') ?? '') ||
    forumAddress.test(url)
  ) {
    return 'discussion'
  }
  // Some sites call every page an article; those say when it changed, not when it came out.
  const saysSo =
    meta.has('article:published_time') ||
    (meta.get('og:type') === 'article' && !meta.has('article:modified_time'))
  return saysSo || types.some((type) => articleTypes.test(type)) ? 'article' : 'none'
}

function metaOf(root: Root): Map<string, string> {
  const tags = findElements(root, (node) => isElement(node, 'meta'))
  const nameOf = (tag: Element) => attribute(tag, 'property') || attribute(tag, 'name')
  return new Map(
    tags.map((tag) => [nameOf(tag).toLowerCase(), attribute(tag, 'content').trim().toLowerCase()]),
  )
}

const linkedTypes = (root: Root): string[] =>
  linkedThings(root)
    .flatMap((thing) => thing['@type'])
    .map(String)

const itemTypes = (root: Root): string[] =>
  findElements(root, (node) => attribute(node, 'itemType') !== '').map(
    (node) => attribute(node, 'itemType').split('/').at(-1) ?? '',
  )
