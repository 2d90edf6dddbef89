/**
 * A page of about one megabyte, as news sites make them: almost all of it script, style and data for other
 * machines, with a short article somewhere inside. Made when asked, so that the tree stays small.
 */
export function heavyPage(): string {
  const filler = (megabytes: number, line: (n: number) => string): string => {
    const lines: string[] = []
    for (let size = 0, n = 0; size < megabytes * 1_000_000; n += 1) {
      const next = line(n)
      lines.push(next)
      size += next.length
    }
    return lines.join('\n')
  }
  const scripts = filler(
    0.55,
    (n) => `window.__module_${n}=function(e,t){return t.push({id:${n},hash:"${hex(n)}"}),e}`,
  )
  const styles = filler(0.2, (n) => `.c-${hex(n)}{margin:${n % 40}px;color:#${hex(n).slice(0, 6)}}`)
  const state = filler(0.25, (n) => `{"slot":${n},"creative":"${hex(n)}","bid":${n % 97}},`)
  return `<!doctype html><html lang="en"><head><meta charset="utf-8">
<title>The afternoon the ledger stopped: a post-mortem | Shipyard News</title>
<meta property="article:published_time" content="2026-03-18T09:00:00Z"><meta name="author" content="Tomasz Wierzba">
<style>${styles}</style><script>${scripts}</script></head>
<body><div class="consent-wall"><p>Choose your privacy settings to continue.</p><button>Agree</button></div>
<nav><a href="/">Shipyard</a><a href="/ports">Ports</a><a href="/rates">Rates</a></nav>
${article}
<script type="application/json" id="__STATE__">[${state}{}]</script>
<footer><p>Shipyard News is a registered trade mark. Contact our desk. Advertise with us.</p></footer></body></html>`
}

const hex = (n: number): string => ((n * 2_654_435_761) >>> 0).toString(16).padStart(8, '0')

const article = `<article><h1>The afternoon the ledger stopped: a post-mortem</h1>
<p class="byline">By Tomasz Wierzba</p>
<p>At 14:07 on a Tuesday the settlement desk at a mid-sized freight forwarder noticed that the balance of every customer
had frozen. Orders kept arriving, and each was acknowledged within the usual forty milliseconds. Nothing was lost, and for
three hours nothing that anybody read was true.</p>
<p>The write side was healthy throughout. Its event store took 312 appends a second, as it did every afternoon. What had
stopped was the reader: the process that turns events into the balances which people look at had met an event it could not
parse, had failed, had been restarted by its supervisor, and had met the same event again, two hundred and eleven times.</p>
<h2>One poisoned event</h2>
<p>The event came from a release of that morning in which a developer had renamed a field. The tests passed, since they wrote
and read with the same version of the code. The stored history, of course, had been written by every version since 2021.
Renaming a field of a stored event is the one refactoring that a compiler cannot make safe.</p>
<p>The team had two remedies within reach and took neither in the first hour. A projection can set a poisoned event aside,
record where it stopped and why, and say so on the page that it feeds. Or it can stop loudly, so that a person is called
at once. Theirs did neither: it failed quietly and retried for ever, which is the worst of the three choices.</p>
<h2>What they changed</h2>
<ul><li>Every stored version of every event has a sample in the repository, and a test reads all of them.</li>
<li>A projection that fails three times at one position halts, keeps what it has, and raises an alarm that names the
position and the event type.</li>
<li>Pages that show a projection show how far behind it is. A balance that is old by more than a minute is printed in grey.</li>
<li>The renamed field got an upcaster of nine lines, which turns old events into new ones as they are read.</li></ul>
<p>The rebuild of the balances took fifty minutes, from 41 million events. Nobody had to restore a backup, and no customer
saw a wrong invoice. The head of engineering called it the best bad day the company has had.</p></article>`
