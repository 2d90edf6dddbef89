import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createGuidelineReader } from '../../../src/sources/extraction/guideline-reader.ts'
import { createNotebookReader } from '../../../src/sources/extraction/notebook-reader.ts'
import {
  type ExtractionPool,
  poolOf,
} from '../../../src/sources/extraction/process/extraction-pool.ts'
import { readLocalFile } from '../../../src/sources/files/local-file.ts'
import { SourceFailure } from '../../../src/sources/source-failure.ts'
import { createExtractionPool } from '../../support/extraction-pool.ts'

const long = `${'Some words about events.\n'.repeat(40_000)}\nhttps://a.example/\n`
const notebook = JSON.stringify({
  nbformat: 4,
  cells: [{ cell_type: 'markdown', source: 'words '.repeat(1_000_000) }],
})

const failing = (failures: SourceFailure[]) => {
  const asked: string[] = []
  const pool = poolOf({
    run: ({ kind }) => {
      asked.push(kind)
      const failure = failures.shift()
      return failure ? Promise.reject(failure) : Promise.resolve({ links: [], localFiles: [] })
    },
    close: async () => undefined,
  })
  return { asked, pool }
}

describe('a long guideline', () => {
  it('is read where pages are, and gives the same links', async () => {
    const pool = createExtractionPool()
    const { links } = await createGuidelineReader(pool)(long)
    assert.deepEqual(
      links.map(({ url }) => url),
      ['https://a.example/'],
    )
    await pool.close()
  })

  it('that takes too long is refused, and says what to do', async () => {
    const pool = createExtractionPool({ timeoutMs: 1 })
    await assert.rejects(createGuidelineReader(pool)(long), {
      code: 'TEXT_TOO_COMPLEX',
      message: /^The guideline would take too long/,
      workDone: true,
    })
    await pool.close()
  })

  it('is refused for now when the server stops meanwhile', async () => {
    const pool = createExtractionPool()
    const open = createGuidelineReader(pool)(long)
    await Promise.all([
      assert.rejects(open, { code: 'SERVER_STOPPING', retryable: true }),
      pool.close(),
    ])
  })

  it('is read once more after a crash, which another text may have caused', async () => {
    const once = failing([new SourceFailure('EXTRACTION_FAILED')])
    assert.deepEqual(await createGuidelineReader(once.pool)(long), { links: [], localFiles: [] })
    const twice = failing([
      new SourceFailure('EXTRACTION_FAILED'),
      new SourceFailure('EXTRACTION_FAILED'),
    ])
    await assert.rejects(createGuidelineReader(twice.pool)(long), { code: 'TEXT_TOO_COMPLEX' })
    const memory = failing([new SourceFailure('EXTRACTION_FAILED', 'it needs too much memory')])
    await assert.rejects(createGuidelineReader(memory.pool)(long), { code: 'TEXT_TOO_COMPLEX' })
    assert.deepEqual([once.asked.length, twice.asked.length, memory.asked.length], [2, 2, 1])
  })
})

describe('a long notebook', () => {
  const upload = (pool: ExtractionPool, text: string) =>
    readLocalFile(
      { name: 'a.ipynb', bytes: Buffer.from(text), maxBytes: 10_000_000 },
      { readNotebook: createNotebookReader(pool) },
    )

  it('is read where pages are, and refused when it is none', async () => {
    const pool = createExtractionPool()
    assert.match((await upload(pool, notebook)).markdown, /^words words/)
    await assert.rejects(upload(pool, `${notebook} and more`), { code: 'NOTEBOOK_INVALID' })
    await pool.close()
  })

  it('that takes too long is refused by its name', async () => {
    const pool = createExtractionPool({ timeoutMs: 1 })
    await assert.rejects(upload(pool, notebook), {
      code: 'TEXT_TOO_COMPLEX',
      message: /^a\.ipynb would/,
    })
    await pool.close()
  })
})
