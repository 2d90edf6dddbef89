import assert from 'node:assert/strict'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { z } from 'zod'
import type { StoredEvent } from '../../src/events/define-event.ts'
import { eventRegistry } from '../../src/events/registry.ts'
import { upcast } from '../../src/events/upcasters.ts'
import { eventSamples } from '../support/event-samples.ts'

const folder = join(import.meta.dirname, '../snapshots/events')

/** What was released once: never edited, never removed. */
interface Released {
  type: string
  schema_version: number
  schema: unknown
  sample: unknown
}

const fileOf = (type: string, version: number) => join(folder, `${type}.${version}.json`)
const read = (file: string): Released => JSON.parse(readFileSync(file, 'utf8'))
const asStored = (released: Released): StoredEvent => ({
  eventId: '01',
  userId: 'ada',
  streamId: 's',
  streamVersion: 1,
  globalPosition: 1,
  type: released.type,
  schemaVersion: released.schema_version,
  data: released.sample,
  metadata: { actor: 'user' },
  recordedAt: new Date(0),
})

describe('event versions', () => {
  for (const definition of eventRegistry.values()) {
    it(`${definition.type} has the schema that was released as version ${definition.version}`, () => {
      const file = fileOf(definition.type, definition.version)
      const schema = z.toJSONSchema(definition.schema)
      const sample = eventSamples.find(({ type }) => type === definition.type)
      assert.ok(sample, `add a ${definition.type} to test/support/event-samples.ts`)
      if (process.env.RELEASE_EVENTS === '1' && !existsSync(file)) {
        mkdirSync(folder, { recursive: true })
        const released = { type: definition.type, schema_version: definition.version, schema }
        writeFileSync(file, `${JSON.stringify({ ...released, sample: sample.data }, null, 2)}\n`)
      }
      assert.ok(existsSync(file), 'a new version: run npm run events:release and commit the file')
      assert.deepEqual(
        JSON.parse(JSON.stringify(schema)),
        read(file).schema,
        `stored events have the released schema: raise the version of ${definition.type}, add an upcaster, run npm run events:release`,
      )
    })
  }

  for (const name of readdirSync(folder, { encoding: 'utf8' })) {
    it(`${name} can still be read`, () => {
      const released = read(join(folder, name))
      const event = upcast(asStored(released))
      const definition = eventRegistry.get(released.type)
      assert.ok(definition, `${released.type} is stored for ever and must stay in the registry`)
      assert.equal(event.schemaVersion, definition.version)
      assert.deepEqual(definition.schema.parse(event.data), event.data)
    })
  }
})
