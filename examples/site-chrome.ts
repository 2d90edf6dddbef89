/** The frame of a site: what a reader of the page did not come for and an extractor has to leave out. */
interface Frame {
  lang: string
  before: string
  after: string
}

const docs: Frame = {
  lang: 'en',
  before: `<header class="topbar"><a href="/">Ledgerline Handbook</a>
<form role="search"><input name="q" placeholder="Search the handbook"></form></header>
<nav class="sidebar" aria-label="Chapters"><ul><li><a href="/append">Appending events</a></li>
<li><a href="/projections">Projections</a></li><li><a href="/idempotency">Idempotency</a></li>
<li><a href="/snapshots">Snapshots</a></li><li><a href="/internal/runbook">Runbook</a></li></ul></nav>
<main class="content">`,
  after: `</main><aside class="feedback">Was this page helpful? <button>Yes</button> <button>No</button></aside>
<footer>© Ledgerline. <a href="/terms">Terms</a> · <a href="/privacy">Privacy</a> · Edit this page</footer>`,
}

const forum: Frame = {
  lang: 'en',
  before: `<header><a href="/">StreamTalk</a> <a href="/login">Log in</a> <a href="/signup">Sign up</a></header>
<div class="banner">Be kind. Search before you post.</div><main>`,
  after: `</main><div class="suggested"><h3>Suggested topics</h3><ul><li><a href="/t/1">What is your favourite queue?</a></li>
<li><a href="/t/2">Weekly jobs thread</a></li></ul></div><footer>Powered by goodwill and caffeine</footer>`,
}

const magazine: Frame = {
  lang: 'en',
  before: `<div id="cookie-banner" class="cookie consent">We and our 214 partners value your privacy.
<button>Accept all</button> <button>Manage choices</button></div>
<header class="site-header"><a href="/">Home</a> <a href="/topics">Topics</a> <a href="/about">About</a></header><main>`,
  after: `</main><section class="newsletter"><h3>Never miss a post</h3><p>Join readers who get our weekly letter.</p></section>
<aside class="related"><h3>Related posts</h3><ul><li><a href="/a">Seven dashboards you can delete</a></li>
<li><a href="/b">Our favourite keyboards</a></li></ul></aside><footer class="site-footer">All rights reserved.</footer>`,
}

const frames: Record<string, Frame> = {
  'handbook.ledgerline.example': docs,
  'forum.streamtalk.example': forum,
}

/** A whole page: the host's frame around a head and a body. */
export function withChrome(page: { host: string; head: string; content: string }): string {
  const frame = frames[page.host] ?? magazine
  return `<!doctype html>
<html lang="${frame.lang}"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<style>body{font:16px/1.5 serif}.sidebar{float:left}</style>
${page.head}</head>
<body>${frame.before}
${page.content}
${frame.after}
<script>window.dataLayer=window.dataLayer||[];dataLayer.push({event:"page_view"})</script></body></html>
`
}
