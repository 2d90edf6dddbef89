const document = /\.(?:mdx?|rst|txt|adoc)$/i
const manifest =
  /^(?:package\.json|pyproject\.toml|setup\.(?:py|cfg)|cargo\.toml|go\.mod|pom\.xml|build\.gradle(?:\.kts)?|requirements\.txt|dockerfile|makefile|docker-compose\.ya?ml|compose\.ya?ml)$/i
const test =
  /(?:^|\/)(?:tests?|__tests__|spec|fixtures?|testdata)\/|[._-](?:test|spec)\.[a-z]+$|(?:^|\/)test_[^/]+$/i
const data = /\.(?:json|jsonl|csv|tsv|xml|ya?ml|svg|html?|css|po|snap|txt)$/i

/** The order in which files get their share of the budget: what explains a repository comes first. */
function fileRank(path: string): number {
  const isRoot = !path.includes('/')
  if (/^readme(?:\.|$)/i.test(path)) return 0
  if (isRoot && document.test(path)) return 1
  if (manifest.test(path)) return isRoot ? 2 : 5
  if (test.test(path)) return 8
  if (isRoot) return 3
  if (document.test(path)) return 4
  return data.test(path) ? 7 : 6
}

/** Rank, then nearness to the root, then name. */
export function byRank(a: string, b: string): number {
  const depth = (path: string) => path.split('/').length
  return fileRank(a) - fileRank(b) || depth(a) - depth(b) || (a < b ? -1 : 1)
}
