import { readdir, readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { decodeText } from '../../src/sources/extraction/decode-text.ts'
import { textOfHtml } from './plain-text.ts'

export interface LabelledPage {
  name: string
  html: string
  /** Where it was found, as `urls.tsv` of the folder says. */
  url: string
  /** What a reader came for, as plain text. */
  expected: string
}

/** The sets of a folder: one of its own pages, and one for each folder in it that has some. */
export async function* pageSets(
  folder: string,
): AsyncGenerator<{ set: string; pages: LabelledPage[] }> {
  const entries = await readdir(folder, { withFileTypes: true })
  const folders = entries
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => join(folder, name))
  const urls = await addressesIn(folder)
  for (const place of [folder, ...folders.sort()]) {
    const pages = await pagesIn(place, urls)
    if (pages.length > 0) yield { set: basename(place), pages }
  }
}

/** NAME.html with NAME.txt beside it, or with NAME.expected.html; a page without either is no example. */
/** Lines of a set, a name and an address, parted by tabs. */
async function addressesIn(folder: string): Promise<Map<string, string>> {
  const lines = await readFile(join(folder, 'urls.tsv'), 'utf8').catch(() => '')
  return new Map(
    lines.split('\n').map((line) => {
      const [set = '', name = '', url = ''] = line.trim().split('\t')
      return [`${set}/${name}`, url]
    }),
  )
}

async function pagesIn(folder: string, urls: ReadonlyMap<string, string>): Promise<LabelledPage[]> {
  const files = new Set(await readdir(folder))
  const names = [...files]
    .filter((file) => /(?<!\.expected)\.html$/.test(file))
    .map((file) => file.slice(0, -'.html'.length))
    .filter((name) => files.has(`${name}.txt`) || files.has(`${name}.expected.html`))
  return await Promise.all(
    names.sort().map(async (name) => {
      const html = decodeText(await readFile(join(folder, `${name}.html`)), null, 'html').text
      const expected = files.has(`${name}.txt`)
        ? await readFile(join(folder, `${name}.txt`), 'utf8')
        : textOfHtml(await readFile(join(folder, `${name}.expected.html`), 'utf8'))
      const url = urls.get(`${basename(folder)}/${name}`) || `https://site.example/${name}`
      return { name, html, expected, url }
    }),
  )
}
