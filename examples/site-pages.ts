import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import { withChrome } from './site-chrome.ts'

export interface SitePage {
  host: string
  path: string
  title: string
  /** Words of the page without markup, for the search endpoint. */
  text: string
  publishedDate: string | null
  contentType: string
  etag: string
  body: string
}

const root = join(import.meta.dirname, 'site', 'pages')

const contentTypes: Record<string, string> = {
  html: 'text/html; charset=utf-8',
  txt: 'text/plain; charset=utf-8',
  md: 'text/markdown; charset=utf-8',
}

/**
 * Every file of `site/pages/HOST/PATH`, by `host/path`. An `.html` file is a head and a body divided by an
 * empty line; the frame around it (navigation, banners, footer) belongs to the host.
 */
export async function loadPages(): Promise<Map<string, SitePage>> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile())
  const pages = await Promise.all(
    files.map((entry) => loadPage(join(entry.parentPath, entry.name))),
  )
  return new Map(pages.map((page) => [`${page.host}${page.path}`, page]))
}

async function loadPage(file: string): Promise<SitePage> {
  const [host = '', ...segments] = relative(root, file).split(sep)
  const source = await readFile(file, 'utf8')
  const extension = file.slice(file.lastIndexOf('.') + 1)
  const path = `/${segments.join('/')}`
  const [head = '', ...rest] = extension === 'html' ? source.split('\n\n') : ['', source]
  const content = rest.join('\n\n')
  const title = /<title>(.*?)<\/title>/s.exec(head)?.[1] ?? content.split('\n', 1)[0] ?? path
  const body = extension === 'html' ? withChrome({ host, head, content }) : source
  return {
    host,
    path: path.replace(/\.html$/, ''),
    title: plainText(title.replace(/^# /, '')),
    text: plainText(
      content.replace(/<h1[^>]*>.*?<\/h1>/s, '').replace(/<\/(?:p|li|h\d|td)>/g, '\n'),
    ),
    publishedDate: /published_time" content="([^"]+)"/.exec(head)?.[1] ?? null,
    contentType: contentTypes[extension] ?? 'application/octet-stream',
    etag: `"${createHash('sha256').update(body).digest('hex').slice(0, 16)}"`,
    body,
  }
}

const entities: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', nbsp: ' ' }

const plainText = (html: string): string =>
  html
    .replace(/<[^>]+>/g, ' ')
    .replace(/&(\w+);/g, (whole, name: string) => entities[name] ?? whole)
    .replace(/[^\S\n]+/g, ' ')
    .replace(/\s*\n\s*/g, '\n')
    .trim()
