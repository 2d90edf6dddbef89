import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parseGithubUrl } from '../../../src/sources/github/github-url.ts'

describe('an address of GitHub', () => {
  const named: readonly (readonly [string, unknown])[] = [
    ['https://github.com/o/r.git', { kind: 'repository', owner: 'o', repo: 'r', rest: [] }],
    [
      'https://github.com/o/r/tree/v1.0/docs',
      { kind: 'repository', owner: 'o', repo: 'r', rest: ['v1.0', 'docs'] },
    ],
    [
      'https://github.com/o/r/tree/feature%2Fx/docs',
      { kind: 'repository', owner: 'o', repo: 'r', rest: ['feature', 'x', 'docs'] },
    ],
    [
      'https://github.com/o/r/blob/feature%2fx%23y/a%20b.md',
      { kind: 'file', owner: 'o', repo: 'r', rest: ['feature', 'x#y', 'a b.md'] },
    ],
    [
      'https://github.com/o/r/releases/tag/pkg%2Fv1.0',
      { kind: 'release', owner: 'o', repo: 'r', tag: 'pkg/v1.0' },
    ],
    ['https://github.com/o%2Fr', null],
    ['https://github.com/o/r/blob/feature%2F..%2Fx/a.md', null],
    [
      'https://github.com/o/r/commit/abc123',
      { kind: 'repository', owner: 'o', repo: 'r', rest: ['abc123'] },
    ],
    [
      'https://github.com/o/r/blob/main/a%20b.md#L3',
      { kind: 'file', owner: 'o', repo: 'r', rest: ['main', 'a b.md'] },
    ],
    [
      'https://raw.githubusercontent.com/o/r/refs/heads/main/a.md',
      { kind: 'file', owner: 'o', repo: 'r', rest: ['refs', 'heads', 'main', 'a.md'] },
    ],
    [
      'https://github.com/o/r/issues/7#issuecomment-1',
      { kind: 'conversation', owner: 'o', repo: 'r', number: 7 },
    ],
    [
      'https://github.com/o/r/pull/8/files',
      { kind: 'conversation', owner: 'o', repo: 'r', number: 8 },
    ],
    [
      'https://gist.github.com/o/0123456789abcdef0123',
      { kind: 'gist', id: '0123456789abcdef0123' },
    ],
    ['https://github.com/o', null],
    ['https://github.com/features/actions', null],
    ['https://github.com/o/r/wiki', { kind: 'wiki', owner: 'o', repo: 'r', page: 'Home' }],
    [
      'https://github.com/o/r/releases/tag/pkg/v1.0#notes',
      { kind: 'release', owner: 'o', repo: 'r', tag: 'pkg/v1.0' },
    ],
    ['https://github.com/o/r/releases', { kind: 'release', owner: 'o', repo: 'r', tag: '' }],
    ['https://github.com/o/r/releases/download/v1/a.zip', null],
    [
      'https://github.com/o/r/discussions/3',
      { kind: 'discussion', owner: 'o', repo: 'r', number: 3 },
    ],
    ['https://github.com/o/r/blob/main/%2e%2e%2fsecret', null],
    ['https://github.com/o/..%2f..%2fx', null],
    ['https://github.com.evil.example/o/r', null],
  ]
  for (const [url, target] of named) {
    it(url, () => assert.deepEqual(parseGithubUrl(url), target))
  }
})
