interface HostClass {
  name: string
  authority: number
  /** Sources of one host that one round keeps. */
  cap: number
  hosts: RegExp
}

// First match wins; a pattern matches the end of a host name, at a dot.
const at = (...names: string[]): RegExp =>
  new RegExp(`(?:^|\\.)(?:${names.map((name) => name.replaceAll('.', '\\.')).join('|')})$`)

const classes: readonly HostClass[] = [
  {
    name: 'scholarly or standards body',
    authority: 1,
    cap: 8,
    hosts: at(
      ...['arxiv.org', 'doi.org', 'acm.org', 'ieee.org', 'nature.com', 'science.org', 'usenix.org'],
      ...[
        'springer.com',
        'sciencedirect.com',
        'jstor.org',
        'nih.gov',
        'aclanthology.org',
        'plos.org',
      ],
      ...[
        'ietf.org',
        'rfc-editor.org',
        'w3.org',
        'iso.org',
        'nist.gov',
        'openreview.net',
        'vldb.org',
      ],
    ),
  },
  {
    name: 'public body or university',
    authority: 0.9,
    cap: 6,
    hosts: /\.(?:gov|edu|mil|int)$|\.(?:gov|ac|edu)\.[a-z]{2}$/,
  },
  { name: 'encyclopedia', authority: 0.75, cap: 6, hosts: at('wikipedia.org', 'britannica.com') },
  {
    name: 'official documentation',
    authority: 0.85,
    cap: 6,
    hosts:
      /^(?:docs?|developers?|dev|learn|support|manual|wiki)\.|(?:^|\.)(?:postgresql|python|kernel|mozilla)\.org$|\.(?:readthedocs\.io|rs)$/,
  },
  {
    name: 'code host',
    authority: 0.7,
    cap: 6,
    hosts: at('github.com', 'gitlab.com', 'codeberg.org', 'huggingface.co'),
  },
  {
    name: 'questions and answers',
    authority: 0.5,
    cap: 4,
    hosts: at('stackoverflow.com', 'stackexchange.com', 'news.ycombinator.com'),
  },
  {
    name: 'open blogging site',
    authority: 0.4,
    cap: 3,
    hosts: at('medium.com', 'dev.to', 'substack.com', 'hashnode.dev', 'blogspot.com'),
  },
  {
    name: 'social or sharing site',
    authority: 0.1,
    cap: 1,
    hosts: at(
      ...['facebook.com', 'instagram.com', 'tiktok.com', 'pinterest.com', 'x.com', 'twitter.com'],
      ...[
        'linkedin.com',
        'quora.com',
        'reddit.com',
        'scribd.com',
        'slideshare.net',
        'coursehero.com',
      ],
    ),
  },
]

const ordinary: HostClass = { name: 'web site', authority: 0.5, cap: 3, hosts: /$^/ }

/** What kind of place a host is; by name alone, so it is a hint and never a proof. */
export const hostClass = (host: string): HostClass =>
  classes.find(({ hosts }) => hosts.test(host.toLowerCase())) ?? ordinary

/** The host without `www`, under which sources of one place meet. */
export const hostOf = (url: string): string =>
  (URL.parse(url)?.hostname ?? '').replace(/^www\./, '')
