import { normaliseFileName } from '../files/file-name.ts'
import { documentTypeOf, extensionOf, fileTypeOf } from '../files/file-type.ts'

/** Names with a file's ending that are products or web sites. */
const notFiles: ReadonlySet<string> = new Set(
  'node.js next.js nuxt.js vue.js react.js express.js three.js d3.js ember.js angular.js backbone.js chart.js p5.js alpine.js discord.js moment.js socket.js docs.rs lib.rs bun.sh brew.sh'.split(
    ' ',
  ),
)

/** The base name of a file of ours that a path names, normalised, or null. */
export function localFileName(path: string): string | null {
  const plain = path.trim().replace(/^file:\/\//i, '')
  if (plain === '' || plain.length > 1000 || /^[a-z][a-z0-9+.-]+:|^\/\/|^#|[*<>|"?]/i.test(plain))
    return null
  const extension = extensionOf(plain)
  if (extension === '' || !(fileTypeOf(plain) || documentTypeOf(plain))) return null
  try {
    const name = normaliseFileName(plain)
    return notFiles.has(name.toLowerCase()) || name === `.${extension}` ? null : name
  } catch {
    return null
  }
}

/** The same for the target of a Markdown link: percent escapes decoded, query and fragment dropped. */
export function localFileOfLink(target: string): string | null {
  const path = target.replace(/[?#].*$/s, '')
  try {
    return localFileName(decodeURIComponent(path))
  } catch {
    return localFileName(path)
  }
}

/** File names among the words of a list item. */
export function localFilesInWords(text: string): string[] {
  return text
    .split(/[\s,;()[\]{}"'“”‘’«»→]+/)
    .map((word) => localFileName(word.replace(/[.:!?…]+$/, '')))
    .filter((name) => name !== null)
}
