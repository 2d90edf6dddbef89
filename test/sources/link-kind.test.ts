import assert from 'node:assert/strict'
import { it } from 'node:test'
import { linkKind } from '../../src/sources/link-kind.ts'

const kinds = {
  github: [
    'https://github.com/owner/repo',
    'http://www.github.com/owner/repo',
    'https://GITHUB.com/owner/repo',
    'https://github.com:443/owner/repo',
    'https://github.com./owner/repo',
    'https://evil.example@github.com/owner/repo',
    'https://gist.github.com/owner/0123456789abcdef',
    'https://raw.githubusercontent.com/o/r/main/a.md',
    'https://gist.githubusercontent.com/o/1/raw/a.md',
  ],
  youtube: [
    'https://www.youtube.com/watch?v=dQw4w9WgXcQ',
    'https://youtube.com/watch?app=desktop&v=dQw4w9WgXcQ',
    'https://m.youtube.com/watch?v=dQw4w9WgXcQ',
    'https://music.youtube.com/watch?v=dQw4w9WgXcQ',
    'https://youtu.be/dQw4w9WgXcQ?t=3',
    'https://www.youtube.com/shorts/dQw4w9WgXcQ',
    'https://www.youtube.com/embed/dQw4w9WgXcQ',
    'https://www.youtube.com/live/dQw4w9WgXcQ?feature=share',
    'https://www.youtube-nocookie.com/embed/dQw4w9WgXcQ',
    'https://www.youtube.com/playlist?list=PL0123456789',
  ],
  web: [
    'https://github.com.evil.example/owner/repo',
    'https://evil.example/github.com/owner/repo',
    'https://github.com@evil.example/owner/repo',
    'https://github.com%2f@evil.example/owner/repo',
    'https://evil.example/?u=https://github.com/owner/repo',
    'https://github.com\u3002evil.example/owner/repo',
    'https://g\u0456thub.com/owner/repo',
    'https://github.com:8443/owner/repo',
    'http://github.com:443/owner/repo',
    'https://notgithub.com/owner/repo',
    'https://docs.github.com/en/rest',
    'https://owner.github.io/repo',
    'https://www.youtube.com/@channel',
    'https://www.youtube.com/results?search_query=x',
    'https://www.youtube.com/watch',
    'https://www.youtube.com/watch?v=tooshort',
    'https://youtube.com.evil.example/watch?v=dQw4w9WgXcQ',
    'https://youtu.be.evil.example/dQw4w9WgXcQ',
    'https://evilyoutu.be/dQw4w9WgXcQ',
    'https://example.com/',
  ],
} as const

for (const kind of ['github', 'youtube', 'web'] as const) {
  for (const url of kinds[kind]) {
    it(`${url} is ${kind}`, () => assert.equal(linkKind(url), kind))
  }
}
