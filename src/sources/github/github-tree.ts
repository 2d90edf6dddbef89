interface Folder {
  folders: Map<string, Folder>
  files: Map<string, string>
}

const shownMax = 600

/** Paths drawn as a tree, folders first; a link shows where it points. Of many the nearest to the root. */
export function drawTree(paths: ReadonlyMap<string, string>): string {
  const depth = (path: string) => path.split('/').length
  const nearest = [...paths].sort(([a], [b]) => depth(a) - depth(b) || (a < b ? -1 : 1))
  const root: Folder = { folders: new Map(), files: new Map() }
  for (const [path, target] of nearest.slice(0, shownMax)) place(root, path, target)
  const lines: string[] = []
  draw(root, '', lines)
  if (nearest.length > shownMax) lines.push(`… and ${nearest.length - shownMax} more files`)
  return lines.join('\n')
}

function place(root: Folder, path: string, target: string): void {
  const parts = path.split('/')
  const name = parts.pop() ?? ''
  let folder = root
  for (const part of parts) {
    const next = folder.folders.get(part) ?? { folders: new Map(), files: new Map() }
    folder.folders.set(part, next)
    folder = next
  }
  folder.files.set(name, target)
}

function draw(folder: Folder, indent: string, lines: string[]): void {
  const folders = [...folder.folders].sort(([a], [b]) => (a < b ? -1 : 1))
  const files = [...folder.files].sort(([a], [b]) => (a < b ? -1 : 1))
  let left = folders.length + files.length
  const branch = () => {
    left -= 1
    return left > 0 ? '├── ' : '└── '
  }
  for (const [name, inner] of folders) {
    const mark = branch()
    lines.push(`${indent}${mark}${name}/`)
    // Paths have at most 40 parts, so this recursion has an end.
    draw(inner, `${indent}${mark === '├── ' ? '│   ' : '    '}`, lines)
  }
  for (const [name, target] of files) {
    lines.push(`${indent}${branch()}${name}${target ? ` -> ${target}` : ''}`)
  }
}
