import type { ServerResponse } from 'node:http'
import { heavyPage } from './site-heavy-page.ts'
import { latin1Page } from './site-latin1-page.ts'
import { pdfDocument } from './site-pdf.ts'

type Answer = (response: ServerResponse) => void

const redirect =
  (location: string): Answer =>
  (response) =>
    response.writeHead(301, { location }).end(`Moved to ${location}`)

/** Addresses that do not simply serve a file, by `host/path`. */
export const oddRoutes = new Map<string, Answer>([
  ['handbook.ledgerline.example/guide/snapshots-v1', redirect('/snapshots')],
  ['ledgerline.example/blog', redirect('http://blog.ledgerline.example/one-year-of-events')],
  // Takes the connection and never answers: only the time limit of a fetch ends it.
  ['stuck.metrics.example/report', () => undefined],
  ['slow.metrics.example/projection-lag', slowPage],
  [
    'journal.registre.example/registre-immuable',
    (response) => response.writeHead(200, { 'content-type': 'text/html' }).end(latin1Page()),
  ],
  [
    'www.shipyard.example/ledger-outage',
    (response) =>
      response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(heavyPage()),
  ],
  [
    'papers.tidewater.example/append-only.pdf',
    (response) => response.writeHead(200, { 'content-type': 'application/pdf' }).end(pdfDocument()),
  ],
])

/** Answers after 1.5 s, as a page does whose server asks three other servers first. */
function slowPage(response: ServerResponse): void {
  const timer = setTimeout(() => {
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(lagPage)
  }, 1500)
  response.on('close', () => clearTimeout(timer))
}

const lagPage = `<!doctype html><html lang="en"><head><title>Projection lag, measured</title></head><body><article>
<h1>Projection lag, measured</h1>
<p>We recorded the distance between the newest event and the newest event each projection had applied, once a second
for ninety days. The median lag was 40 milliseconds. The 99th percentile was 1.9 seconds, and almost all of it came from
four moments in which one tenant imported a backlog of two million entries.</p>
<p>Two changes removed the long tail. Batches became larger when the projection was behind and smaller when it was
current, so that a reader who was waiting for one event was not made to wait for ten thousand. And imports were given a
stream prefix that a dedicated worker folds, so that the backlog of one tenant no longer stands in front of the rest.</p>
<p>Lag has to be reported in events and in seconds. A projection that is three events behind for an hour is broken; a
projection that is thirty thousand events behind for two seconds is doing its work.</p>
</article></body></html>`
