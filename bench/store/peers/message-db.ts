import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import pg from 'pg'
import { laneOfStreams, type Subject } from '../contenders.ts'
import { metadata, scraped } from '../event.ts'
import type { BenchDatabase } from '../server.ts'
import { peerFile } from './install.ts'

// In the order of its own install scripts, without its roles and privileges.
const files = [
  'schema/message-store',
  'extensions/pgcrypto',
  'tables/messages',
  'types/message',
  ...[
    'message-store-version',
    'hash-64',
    'acquire-lock',
    'category',
    'is-category',
    'id',
    'cardinal-id',
    'stream-version',
    'write-message',
    'get-stream-messages',
  ].map((name) => `functions/${name}`),
  'indexes/messages-id',
  'indexes/messages-stream',
  'indexes/messages-category',
]

const write = {
  name: 'write',
  text: 'select message_store.write_message($1, $2, $3, $4, $5, $6)',
}

/** (d) message-db's own SQL; all streams in one category, or one category per lane. */
export async function messageDb(made: BenchDatabase, categories: 'one' | 'many'): Promise<Subject> {
  const name = categories === 'one' ? 'message-db' : 'message-db, a category per writer'
  const options = '-c search_path=message_store,public -c client_min_messages=warning'
  const pool = new pg.Pool({ ...made.endpoint, max: 32, options })
  for (const file of files) {
    await pool.query(await readFile(peerFile(`@eventide/message-db/database/${file}.sql`), 'utf8'))
  }
  const streamName = (streamId: string, lane: number) =>
    categories === 'one' ? streamId : `lane${lane}${streamId}`
  const values = (stream: string, version: number) => [
    randomUUID(),
    stream,
    scraped.type,
    JSON.stringify(scraped.data),
    JSON.stringify(metadata),
    version - 1,
  ]
  return {
    name,
    append: (size) => ({
      name,
      size,
      lane: laneOfStreams(async (streamId, version, lane) => {
        const stream = streamName(streamId, lane)
        if (size === 1) return pool.query({ ...write, values: values(stream, version) })
        // It writes one message a call; several at once are calls in one transaction.
        const client = await pool.connect()
        await client.query('begin')
        for (let n = 0; n < size; n++) {
          await client.query({ ...write, values: values(stream, version * size + n) })
        }
        await client.query('commit')
        client.release()
        return undefined
      }),
    }),
    async read() {
      for (let lane = 0; lane < 32; lane++) {
        for (let n = 0; n < 100; n++) {
          await pool.query({ ...write, values: values(`article-read_${lane}`, n) })
        }
      }
      return {
        name,
        size: 100,
        lane: (lane) => async () => {
          const { rows } = await pool.query<{ data: string; metadata: string }>({
            name: 'read',
            text: 'select * from message_store.get_stream_messages($1, 0, 1000)',
            values: [`article-read_${lane}`],
          })
          // It gives text, where the others give objects.
          return rows.map((row) => ({
            ...row,
            data: JSON.parse(row.data),
            metadata: JSON.parse(row.metadata),
          }))
        },
      }
    },
    [Symbol.asyncDispose]: () => pool.end(),
  }
}
