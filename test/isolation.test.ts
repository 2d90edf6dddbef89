import assert from 'node:assert/strict'
import { Agent, request as httpRequest } from 'node:http'
import { describe, it } from 'node:test'
import { resources } from '../src/mcp/resources/resources.ts'
import { tools } from '../src/mcp/tools/tools.ts'
import {
  anyArguments,
  type Ids,
  needsNoWay,
  nothing,
  routeWays,
  toolArguments,
} from './support/isolation-ways.ts'
import { clientKinds } from './support/mcp-clients.ts'
import { type HttpAnswer, marker, type TwoUsers, twoUsers } from './support/two-users.ts'

/*
 * A second user, Eve, against everything there is: each table, tool, resource and route, with ids of Ada's
 * and with ids of nothing. Her answers must be the same, and nothing of Ada's may be in them. What is new
 * and not in the maps of ways fails the test, and so does what is in them and gone.
 */

const theirs = ({ ada }: TwoUsers): Ids => ada

const without = (text: string, ids: Ids): string =>
  Object.values(ids).reduce((left, id: string) => left.replaceAll(id, 'ID'), text)

/** Everything on record of Ada's, so that a test can say that nothing was added. */
async function recordOf({ database }: TwoUsers): Promise<string> {
  const { rows } = await database.owner.query(
    `select string_agg(event_id, ',' order by global_position) as ids from nova.events
     where user_id = 'ada'`,
  )
  return rows[0].ids
}

describe('a second user', () => {
  it('sees, adds, changes and removes no row of the first, in any table', async () => {
    await using world = await twoUsers()
    const { database } = world
    const { rows: tables } = await database.owner.query<{ name: string; partition: boolean }>(`
      select c.relname as name, c.relispartition as partition from pg_class c
      join pg_namespace n on n.oid = c.relnamespace and n.nspname = 'nova'
      join pg_attribute a on a.attrelid = c.oid and a.attname = 'user_id'
      where c.relkind in ('r', 'p') order by 1`)
    assert.ok(tables.length > 15)
    const client = await database.app.connect()
    const asEve = async (sql: string, values: unknown[] = []) => {
      await client.query(`begin; select set_config('app.user_id', 'eve', true)`)
      try {
        return { rows: (await client.query(sql, values)).rowCount ?? 0, code: '' }
      } catch (error) {
        return { rows: 0, code: (error as { code: string }).code }
      } finally {
        await client.query('rollback')
      }
    }
    try {
      for (const { name, partition } of tables) {
        const table = `nova.${name}`
        const { rows } = await database.owner.query<{ row: string }>(
          `select to_jsonb(t)::text as row from ${table} t where user_id = 'ada' limit 1`,
        )
        const [own] = rows
        if (!partition) assert.ok(own, `give Ada a row of ${name} in test/support/two-users.ts`)
        const seen = await asEve(`select from ${table} where user_id <> 'eve'`)
        assert.equal(seen.rows, 0, `${name} shows rows of others`)
        if (partition) assert.equal(seen.code, '42501', `${name} can be reached past its parent`)
        const added = await asEve(
          `insert into ${table} select (jsonb_populate_record(null::${table}, $1::jsonb)).*`,
          [own?.row ?? '{"user_id":"ada"}'],
        )
        assert.equal(added.code, '42501', `a row of another user can be added to ${name}`)
        for (const change of [`update ${table} set user_id = 'eve'`, `delete from ${table}`]) {
          assert.equal((await asEve(`${change} where user_id = 'ada'`)).rows, 0, change)
        }
      }
    } finally {
      client.release()
    }
  })

  it('gets the same answer from every tool for what is another’s and what is nothing', async () => {
    const names = tools.map(({ name }) => name)
    assert.deepEqual(
      Object.keys(toolArguments),
      names,
      'say in test/support/isolation-ways.ts how each tool is asked',
    )
    await using world = await twoUsers()
    const before = await recordOf(world)
    for (const kind of clientKinds) {
      const eve = await world.connect(kind, (await world.token('eve')).token)
      for (const [name, argumentsFor] of Object.entries(toolArguments)) {
        const answerTo = async (ids: Ids) => {
          const called = eve.call(name, argumentsFor?.(ids) ?? anyArguments[name])
          // What is for administrators answers with a challenge, which clients throw.
          const answer = await called.then(({ raw }) => JSON.stringify(raw), String)
          return without(answer, ids)
        }
        const answer = await answerTo(theirs(world))
        assert.ok(!answer.includes(marker) && !answer.includes(world.ada.articleId), name)
        if (argumentsFor) assert.equal(answer, await answerTo(nothing()), name)
      }
    }
    // Another's id is free for an article of one's own: ids are per user, and nothing shows.
    const kim = await world.connect('auto', (await world.token('kim')).token)
    const args = { article_id: world.ada.articleId, guideline: '# Of Kim' }
    assert.equal((await kim.ok('create_article', args)).title, 'Of Kim')
    assert.equal(await recordOf(world), before)
  })

  it('gets the same answer from every resource for what is another’s and what is nothing', async () => {
    await using world = await twoUsers()
    const { client } = await world.connect('auto', (await world.token('eve')).token)
    const read = (uri: string) =>
      client.readResource({ uri }).then(
        (answer) => JSON.stringify(answer),
        (error: Error) => error.message,
      )
    for (const { uri } of resources) {
      const answers = [theirs(world), nothing()].map(async (ids) => {
        const address = uri.replace('{id}', ids.articleId)
        assert.ok(!address.includes('{'), `say how ${uri} is asked`)
        return without(await read(address), ids)
      })
      const [foreign = '', absent] = await Promise.all(answers)
      assert.equal(foreign, absent, uri)
      assert.ok(!foreign.includes(marker), uri)
      if (!uri.includes('{id}')) continue
      const { completion } = await client.complete({
        ref: { type: 'ref/resource', uri },
        argument: { name: 'id', value: world.ada.articleId.slice(0, 8) },
      })
      assert.deepEqual(completion.values, [], uri)
    }
  })

  it('gets the same answer from every route for what is another’s and what is nothing', async () => {
    await using world = await twoUsers()
    const served = world.routes.filter((route) => !needsNoWay.test(route)).toSorted()
    assert.deepEqual(
      served,
      Object.keys(routeWays).toSorted(),
      'say in test/support/isolation-ways.ts how each route is asked',
    )
    const before = await recordOf(world)
    const { token } = await world.token('eve')
    for (const [route, way] of Object.entries(routeWays)) {
      const ask = async (ids: Ids): Promise<HttpAnswer> => {
        const { path, ...init } = await way(ids, world)
        const answer = await world.request(path, { token, ...init })
        return JSON.parse(without(JSON.stringify(answer), ids).replaceAll(volatile, 'TIME'))
      }
      const [foreign, absent] = [await ask(theirs(world)), await ask(nothing())]
      assert.ok(!JSON.stringify(foreign).includes(marker), route)
      if (route.includes('/:')) assert.deepEqual(foreign, absent, route)
      else assert.equal(foreign.status, absent.status, route)
    }
    assert.equal(await recordOf(world), before)
  })

  it('is nobody with the secret of one token and the id of another', async () => {
    await using world = await twoUsers()
    const eve = await world.token('eve')
    const mixed = `nova_${world.ada.tokenId}_${eve.token.slice(-64)}`
    const unknown = `nova_${'0'.repeat(16)}_${eve.token.slice(-64)}`
    const [first, second] = await Promise.all(
      [mixed, unknown].map((token) => world.request('/articles', { token })),
    )
    assert.equal(first?.status, 401)
    assert.deepEqual(first, second)
  })

  it('keeps their own answers on a connection that both share', async () => {
    await using world = await twoUsers()
    const tokens = [world.ada.token, (await world.token('eve')).token]
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    const sockets = new Set<unknown>()
    const ask = (token: string) =>
      new Promise<string>((resolve, reject) => {
        const headers = { authorization: `Bearer ${token}` }
        httpRequest(`${world.url}/articles`, { agent, headers }, (response) => {
          let body = ''
          response.on('data', (chunk) => {
            body += chunk
          })
          response.on('end', () => resolve(body))
        })
          .on('socket', (socket) => sockets.add(socket))
          .on('error', reject)
          .end()
      })
    const bodies = await Promise.all(Array.from({ length: 20 }, (_, n) => ask(tokens[n % 2] ?? '')))
    agent.destroy()
    assert.equal(sockets.size, 1)
    for (const [n, body] of bodies.entries()) assert.equal(body.includes(marker), n % 2 === 0)
  })
})

/** Link tokens and times, which differ from one request to the next. */
const volatile = /[\w-]{40,}\.[\w-]{40,}|\d{4}-\d\d-\d\dT[\d:.]+Z/g
