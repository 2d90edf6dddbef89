import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { describe, it } from 'node:test'
import { findLocalFiles, readGuidelineFile } from '../../../src/cli/workflow/local-inputs.ts'

async function folderWith(files: Record<string, string>) {
  const path = await mkdtemp(join(tmpdir(), 'nova-inputs-'))
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(path, name)), { recursive: true })
    await writeFile(join(path, name), text)
  }
  const guideline = join(path, 'article_guideline.md')
  return { guideline, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) }
}

describe('local files of a guideline', () => {
  it('are found beside it and below it, the nearest first', async () => {
    await using folder = await folderWith({
      'notes.txt': 'near',
      'data/notes.txt': 'far',
      'data/raw/run.csv': 'a,b',
    })
    const { files, missing } = await findLocalFiles(folder.guideline, ['notes.txt', 'run.csv'])
    assert.deepEqual(
      files.map(({ name, bytes }) => [name, Buffer.from(bytes).toString()]),
      [
        ['notes.txt', 'near'],
        ['run.csv', 'a,b'],
      ],
    )
    assert.deepEqual(missing, [])
  })

  it('are found under a name with decomposed accents', async () => {
    await using folder = await folderWith({ ['résumé.md'.normalize('NFD')]: 'x' })
    const { files } = await findLocalFiles(folder.guideline, ['résumé.md'.normalize('NFC')])
    assert.equal(files.length, 1)
  })

  it('are never taken from hidden folders or from outside', async () => {
    await using folder = await folderWith({ '.ssh/id.txt': 'secret', 'node_modules/x/a.py': '' })
    const names = ['id.txt', 'a.py', '../../etc/hosts.txt']
    const { files, missing } = await findLocalFiles(folder.guideline, names)
    assert.deepEqual(files, [])
    assert.deepEqual(missing, names)
  })
})

describe('the guideline', () => {
  it('has the hash of its text, with or without a byte order mark', async () => {
    await using folder = await folderWith({ 'a.md': '# A', 'b.md': '\ufeff# A' })
    const [a, b] = await Promise.all(
      ['a.md', 'b.md'].map((name) => readGuidelineFile(join(dirname(folder.guideline), name))),
    )
    assert.equal(a?.sha256, b?.sha256)
  })

  it('is refused before anything is asked of a server', async () => {
    await using folder = await folderWith({ 'empty.md': '  \n' })
    const path = join(dirname(folder.guideline), 'empty.md')
    await assert.rejects(readGuidelineFile(path), { code: 'GUIDELINE_EMPTY' })
    await assert.rejects(readGuidelineFile('/nonexistent'), { code: 'INPUT_FILE_UNREADABLE' })
  })
})
