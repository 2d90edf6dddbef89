import { type Html, html } from './html.ts'

export interface PageParts {
  title: string
  main: Html
  /** Seconds after which a browser without JavaScript loads the page again. */
  reloadSeconds?: number
}

/** The frame of every page. Works without its script; nothing in it is inline. */
export const layout = (base: string, page: PageParts): Html => html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<title>${page.title} · Nova</title>
<link rel="icon" href="${base}/assets/favicon.svg" type="image/svg+xml">
${['base', 'controls', 'article'].map(
  (name) => html`<link rel="stylesheet" href="${base}/assets/${name}.css">
`,
)}<script src="${base}/assets/nova.js" defer></script>
${
  page.reloadSeconds !== undefined &&
  html`<noscript><meta http-equiv="refresh" content="${page.reloadSeconds}"></noscript>`
}
</head>
<body>
<a class="skip" href="#main">Skip to content</a>
<header class="top"><a class="brand" href="${base}/">${star}Nova</a><span class="tagline">research backend</span></header>
<main id="main" tabindex="-1">
${page.main}
</main>
</body>
</html>
`

const star = html`<svg class="star" viewBox="0 0 24 24" aria-hidden="true"><path d="M12 1.5c.9 5.9 3.6 8.6 10.5 10.5C15.6 13.9 12.9 16.6 12 22.5 11.1 16.6 8.4 13.9 1.5 12 8.4 10.1 11.1 7.4 12 1.5Z"/></svg>`
