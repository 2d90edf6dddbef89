import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { it } from 'node:test'
import { startTestApp } from '../../support/app.ts'

const snapshot = new URL('../../snapshots/openapi.json', import.meta.url)

it('the REST interface is the one that was agreed on', async () => {
  await using test = await startTestApp()
  const document = (await test.app.inject('/openapi.json')).json()
  document.info.version = '0.0.0'
  const text = `${JSON.stringify(document, null, 2)}\n`
  if (process.env.UPDATE_SNAPSHOTS) await writeFile(snapshot, text)
  assert.equal(
    text,
    await readFile(snapshot, 'utf8'),
    'run UPDATE_SNAPSHOTS=1 node --test test/http/server/openapi.test.ts if the change is meant',
  )
})
