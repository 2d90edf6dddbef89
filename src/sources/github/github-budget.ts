import { byRank } from './github-file-rank.ts'

export interface ArchiveFile {
  path: string
  language: string
  text: string
}

export interface FileBudget {
  add: (file: ArchiveFile) => void
  /** The files that fit, in order of rank, and the paths of those that do not. */
  settle: () => { kept: ArchiveFile[]; dropped: string[] }
}

/**
 * Keeps the files of best rank within a number of characters. An archive comes in the order of its names,
 * so files are held until twice the budget is full and then the worst are let go.
 */
export function withinBudget(totalChars: number): FileBudget {
  let held: ArchiveFile[] = []
  let chars = 0
  const dropped: string[] = []
  const settle = () => {
    held.sort((a, b) => byRank(a.path, b.path))
    const kept: ArchiveFile[] = []
    chars = 0
    for (const file of held) {
      if (chars + file.text.length > totalChars) {
        dropped.push(file.path)
        continue
      }
      chars += file.text.length
      kept.push(file)
    }
    held = kept
    return { kept, dropped }
  }
  return {
    add(file) {
      held.push(file)
      chars += file.text.length
      if (chars > 2 * totalChars) settle()
    },
    settle,
  }
}
