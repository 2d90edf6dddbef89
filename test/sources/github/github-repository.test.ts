import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { describe, it } from 'node:test'
import type { TarEntry } from 'modern-tar'
import { archiveLimits, readArchive } from '../../../src/sources/github/github-archive.ts'
import { archiveOf, commit, gzipped, startGitHost } from '../../support/git-host.ts'

const failsWith = (reason: string) => (error: unknown) =>
  error instanceof Error && 'reason' in error && error.reason === reason

describe('a repository', () => {
  it('is one digest pinned to its commit, README first', async () => {
    const notebook = JSON.stringify({
      nbformat: 4,
      cells: [{ cell_type: 'markdown', source: '# In a notebook' }],
    })
    const archive = await archiveOf({
      'src/app.py': 'print("```")\n````\n',
      'README.md': '# Hello\n',
      'package.json': '{}',
      'docs/eda.ipynb': notebook,
      'package-lock.json': '{"lock":1}',
      'logo.png': new Uint8Array([0x89, 0x50, 0x4e, 0x47]),
      'data.dat': new Uint8Array([1, 2, 0, 0, 3, 255, 254, 0]),
      'latin.txt': new Uint8Array(
        Buffer.from('Le café est fermé ce soir, revenez demain matin.', 'latin1'),
      ),
      'model.md': 'version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n',
    })
    await using host = await startGitHost({ '/owner/repo/tar.gz/HEAD': gzipped(archive) })
    const source = await host.read('https://github.com/owner/repo')
    assert.equal(source.revision, commit)
    assert.equal(source.title, 'owner/repo')
    assert.equal(source.snapshot, null)
    const headings = [...source.markdown.matchAll(/^### `(.+)`$/gm)].map((match) => match[1])
    assert.deepEqual(headings, [
      'README.md',
      'latin.txt',
      'package.json',
      'docs/eda.ipynb',
      'src/app.py',
    ])
    assert.match(source.markdown, /`````python\nprint\("```"\)\n````\n`````/)
    assert.match(source.markdown, /```markdown\n# In a notebook\n```/)
    assert.match(source.markdown, /café/)
    assert.doesNotMatch(source.markdown, /"lock":1/)
    assert.deepEqual(source.notes, [
      'generated, vendored or lock file: `package-lock.json`, `logo.png`',
      'binary: `data.dat`',
      'stored elsewhere (Git LFS): `model.md`',
    ])
    assert.match(source.markdown, /├── docs\/\n│ {3}└── eda\.ipynb/)
  })

  it('at a branch with slashes is found without the API, and a folder of it alone', async () => {
    const archive = await archiveOf({ 'docs/a.md': 'A', 'docs/b/c.md': 'C', 'src/x.py': 'x' })
    await using host = await startGitHost({ '/o/r/tar.gz/feature/x': gzipped(archive) })
    const source = await host.read('https://github.com/o/r/tree/feature/x/docs')
    assert.equal(source.title, 'o/r: docs')
    assert.match(source.markdown, /docs\/b\/c\.md/)
    assert.doesNotMatch(source.markdown, /x\.py/)
    assert.deepEqual(host.site.requests, ['GET /o/r/tar.gz/feature', 'GET /o/r/tar.gz/feature/x'])
  })

  it('that does not exist, or whose folder does not, is not found', async () => {
    const archive = await archiveOf({ 'a.md': 'A' })
    await using host = await startGitHost({ '/o/r/tar.gz/main': gzipped(archive) })
    await assert.rejects(host.read('https://github.com/o/gone'), failsWith('NOT_FOUND'))
    await assert.rejects(
      host.read('https://github.com/o/r/tree/main/nowhere'),
      failsWith('NOT_FOUND'),
    )
  })

  it('beyond the budget loses its least telling files, and says so', async () => {
    const files: Record<string, string> = { 'README.md': 'read me' }
    for (let n = 0; n < 30; n += 1) files[`a/data${n}.json`] = `"${'x'.repeat(99_000)}"`
    files['z/core.py'] = 'y'.repeat(150_000)
    files['z/huge.py'] = 'z'.repeat(300_000)
    await using host = await startGitHost({ '/o/r/tar.gz/HEAD': gzipped(await archiveOf(files)) })
    const { markdown, notes } = await host.read('https://github.com/o/r')
    assert.ok(markdown.length < 650_000)
    assert.match(markdown, /### `README\.md`[\s\S]+### `z\/core\.py`[\s\S]+### `z\/huge\.py`/)
    assert.match(markdown, /\n\[… 100000 more characters left out\]\n/)
    assert.match(notes.join('\n'), /^over the budget: `a\/data/m)
  })
})

describe('a hostile archive', () => {
  it('cannot name a path outside, and its links are shown, not followed', async () => {
    const link = (name: string, linkname: string, type: 'symlink' | 'link'): TarEntry => ({
      header: { name, size: 0, type, linkname },
    })
    const file = (name: string): TarEntry => ({
      header: { name, size: 4, type: 'file' },
      body: 'evil',
    })
    const archive = await archiveOf({ 'README.md': 'good' }, [
      link('repo-main/passwd', '/etc/passwd', 'symlink'),
      link('repo-main/hard', '../../etc/shadow', 'link'),
      file('repo-main/../../escape.md'),
      file('repo-main/docs/../../../deeper-escape.md'),
      file('/etc/absolute.md'),
      file('repo-main/a\u202efdp.md'),
      file('repo-main/back\\slash.md'),
      file('repo-main/__proto__/polluted.md'),
      { header: { name: 'repo-main/fifo', size: 0, type: 'fifo' } },
    ])
    await using host = await startGitHost({ '/o/r/tar.gz/HEAD': gzipped(archive) })
    const { markdown, notes } = await host.read('https://github.com/o/r')
    assert.match(markdown, /passwd -> \/etc\/passwd/)
    assert.doesNotMatch(markdown, /escape|absolute|fdp|slash/)
    assert.match(markdown, /### `__proto__\/polluted\.md`/)
    assert.match(notes.join('\n'), /symbolic link: `passwd`, `hard`/)
    assert.match(notes.join('\n'), /unsafe name: /)
    assert.equal(Object.hasOwn(Object.prototype, 'polluted.md'), false)
  })

  it('of ten thousand files is read within its budget', async () => {
    const files = Object.fromEntries(
      Array.from({ length: 10_000 }, (_, n) => [`d${n % 50}/f${n}.py`, `x = ${n}\n`]),
    )
    await using host = await startGitHost({ '/o/r/tar.gz/HEAD': gzipped(await archiveOf(files)) })
    const { markdown } = await host.read('https://github.com/o/r')
    assert.match(markdown, /Files shown: 10000 of 10000/)
    assert.match(markdown, /… and 9400 more files/)
  })

  it('with more entries than the limit is read up to it', async () => {
    const more: TarEntry[] = Array.from({ length: 20_100 }, (_, n) => ({
      header: { name: `repo-main/e${n}`, size: 0, type: 'symlink', linkname: 'x' },
    }))
    await using host = await startGitHost({
      '/o/r/tar.gz/HEAD': gzipped(await archiveOf({ 'a.md': 'A' }, more)),
    })
    const { notes } = await host.read('https://github.com/o/r')
    assert.match(notes.join('\n'), /more than 20000 entries; the rest was not read/)
  })

  it('that unpacks without end is stopped, and what came before is kept', async () => {
    const zeros = new Uint8Array(32 * 2 ** 20)
    const archive = await archiveOf({
      'README.md': 'before the bomb',
      'bomb.bin': zeros,
      'z.md': 'after',
    })
    assert.ok(archive.byteLength < 100_000)
    const limits = { ...archiveLimits, unpackedBytes: 2 ** 20 }
    const { files, stoppedAt } = await readArchive(
      new Blob([new Uint8Array(archive)]).stream(),
      '',
      limits,
    )
    assert.deepEqual([files.map((file) => file.text), stoppedAt], [['before the bomb'], 'size'])
  })

  it('that is cut or garbage fails as a broken archive', async () => {
    const whole = await archiveOf({ 'a.md': randomBytes(50_000).toString('hex') })
    await using host = await startGitHost({
      '/o/cut/tar.gz/HEAD': gzipped(whole.subarray(0, whole.length / 2)),
      '/o/html/tar.gz/HEAD': '<html>not an archive</html>',
    })
    await assert.rejects(host.read('https://github.com/o/cut'), failsWith('EXTRACTION_FAILED'))
    await assert.rejects(host.read('https://github.com/o/html'), failsWith('EMPTY'))
  })
})
