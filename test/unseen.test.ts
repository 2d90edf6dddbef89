import assert from 'node:assert/strict'
import { PassThrough } from 'node:stream'
import { describe, it } from 'node:test'
import { commands } from '../src/cli/commands.ts'
import { createTerminal } from '../src/cli/terminal/terminal.ts'
import { compileResearch } from '../src/commands/articles/compile-research.ts'
import { Refusal } from '../src/errors.ts'
import { articleStream } from '../src/events/articles/article-events.ts'
import { refusalResult, resultOf } from '../src/mcp/protocol/tool-result.ts'
import { resources } from '../src/mcp/resources/resources.ts'
import { appendTo } from './support/append-to.ts'
import { cliCall } from './support/cli-call.ts'
import { hostileArticle } from './support/hostile-article.ts'
import { type Ids, needsNoWay, routeWays, toolArguments } from './support/isolation-ways.ts'
import { type HttpAnswer, type TwoUsers, twoUsers } from './support/two-users.ts'
import { hostileWords, legitimate, stringsIn, unseenIn } from './support/unseen.ts'

/*
 * Words of others with characters that a reader does not see, in everything that Ada has: an article made
 * today, and one that was stored as it came before there was a rule. Every string of every answer there is.
 */

/** What the agent says itself, on top of naming the article. */
const said: Readonly<Record<string, object>> = {
  create_article: { guideline: `# ${hostileWords}\n\n\`${hostileWords}.md\``, title: hostileWords },
  generate_next_queries: { queries: [{ query: `${hostileWords} next`, reason: hostileWords }] },
  select_research_sources_to_keep: { keep: [{ source: 2, reason: hostileWords }] },
  select_research_sources_to_scrape: { sources: [{ source: 2, reason: hostileWords }] },
  assign_plan: { user_id: hostileWords, calls_per_month: 5 },
}

/** Stored as it came: neither titles nor bodies went through what stands at the border today. */
async function oldArticle({ services, project }: TwoUsers): Promise<string> {
  const articleId = services.newId()
  const body = await services.contents.put(
    'ada',
    `# ${hostileWords}\n\n${hostileWords}\n`,
    'text/markdown',
  )
  const { sha256, size } = body
  const stored = { sha256, size, media_type: 'text/markdown' }
  const created = {
    type: 'ArticleCreated',
    schemaVersion: 1,
    data: {
      article_id: articleId,
      title: hostileWords,
      guideline: stored,
      created_at: '2026-05-01T12:00:00.000Z',
    },
  }
  await appendTo(
    services.store,
    { userId: 'ada', streamId: articleStream(articleId) },
    [created, ...hostileArticle(hostileWords, stored).slice(0, -1).flat()],
    { expectedVersion: 0, metadata: { actor: 'agent', client: hostileWords } },
  )
  await compileResearch(services, { userId: 'ada', metadata: { actor: 'agent' } }, { articleId })
  await project()
  return articleId
}

async function hostileWorld() {
  const world = await twoUsers({ words: hostileWords })
  const old = await oldArticle(world)
  const ids = [world.ada, { ...world.ada, articleId: old }] as const
  return { ...world, ids, [Symbol.asyncDispose]: world[Symbol.asyncDispose] }
}

function assertSeen(what: string, value: unknown): void {
  for (const [way, text] of stringsIn(value)) {
    assert.deepEqual(unseenIn(text), [], `${what}, ${way}: ${JSON.stringify(text).slice(0, 500)}`)
  }
}

const showsLegitimate = (text: string): boolean => legitimate.every((whole) => text.includes(whole))

describe('characters that nobody sees', () => {
  it('are taken out of an answer and a refusal as a whole, whoever made them', () => {
    const refusal = new Refusal('FILE_TYPE_UNSUPPORTED', { name: hostileWords })
    assertSeen('answer', resultOf({ structured: { [hostileWords]: 1 }, text: hostileWords }))
    assertSeen('refusal', refusalResult(refusal))
  })

  it('are in no string of any tool, resource and prompt, whatever was stored', async () => {
    await using world = await hostileWorld()
    const { token } = await world.token('ada')
    const ada = await world.connect('auto', token)
    let shown = 0
    for (const ids of world.ids) {
      for (const [name, argumentsFor] of Object.entries(toolArguments)) {
        for (const args of [
          { ...argumentsFor?.(ids) },
          { ...argumentsFor?.(ids), ...said[name] },
        ]) {
          const messages: unknown[] = []
          const answer = await ada
            .call(name, args, { onprogress: (progress) => messages.push(progress) })
            .catch((error: Error) => ({ raw: { error: error.message }, text: error.message }))
          assertSeen(name, [answer.raw, messages])
          if (showsLegitimate(answer.text)) shown += 1
        }
      }
      for (const source of [1, 2, 3]) {
        const { raw } = await ada.call('read_research', { article_id: ids.articleId, source })
        assertSeen(`source ${source}`, raw)
      }
      for (const { uri } of resources) {
        const read = ada.client.readResource({ uri: uri.replace('{id}', ids.articleId) })
        const answer = await read.catch((error: Error) => ({ error: error.message }))
        assertSeen(uri, answer)
        // JSON in a resource is text, and its strings are strings of the answer, too.
        for (const { text } of ('contents' in answer ? answer.contents : []) as {
          text: string
        }[]) {
          if (text.startsWith('{')) assertSeen(uri, JSON.parse(text))
          if (showsLegitimate(text)) shown += 1
        }
      }
    }
    assertSeen('prompts', await ada.client.getPrompt({ name: 'full_research' }).catch(String))
    assert.ok(shown > 10, `${shown} answers show what writing and emoji need`)
  })

  it('are in no page, JSON answer, header and research.md that a browser gets', async () => {
    await using world = await hostileWorld()
    const { token } = await world.token('ada')
    const asAda = {
      ...world,
      link: (_user: string, ...of: [Parameters<TwoUsers['link']>[1], string]) =>
        world.link('ada', ...of),
    }
    const answers: [string, HttpAnswer][] = []
    const served = Object.entries(routeWays).filter(([route]) => !needsNoWay.test(route))
    const last = served.filter(([route]) => route.startsWith('DELETE'))
    for (const [route, way] of [...served.filter((each) => !last.includes(each)), ...last]) {
      for (const ids of world.ids) {
        for (const accept of ['application/json', 'text/html']) {
          const { path, headers, ...init } = await way(ids as Ids, asAda)
          const asked = { ...(headers as Record<string, string>), accept }
          answers.push([route, await world.request(path, { token, ...init, headers: asked })])
        }
      }
    }
    for (const [route, { headers, body }] of answers) {
      const isJson = headers['content-type']?.includes('json') === true && body !== ''
      assertSeen(route, [headers, isJson ? JSON.parse(body) : body])
    }
    const showing = answers.filter(([, { body }]) => showsLegitimate(body)).map(([route]) => route)
    for (const route of ['GET /articles/:article_id', 'GET /watch/:token', 'GET /articles']) {
      assert.ok(showing.includes(route), `${route} shows what writing and emoji need`)
    }
  })

  it('are on no line of the terminal', async () => {
    await using world = await hostileWorld()
    const settings = { DATABASE_URL: world.databaseUrl, NOVA_LINK_SECRET: 'k'.repeat(32) }
    const direct: string[] = []
    const bare = createTerminal(streamsTo(direct))
    for (const say of [bare.print, bare.complain, bare.status]) say(hostileWords)
    bare.print(bare.paint('red', hostileWords))
    assertSeen('the terminal itself', plainly(direct))
    for (const [name, positionals, options] of [
      ['events', ['list'], { limit: '500' }],
      ['events', ['list'], { limit: '500', json: true }],
      ['events', ['verify'], {}],
      ['token', ['list'], { user: 'ada' }],
      ['analytics', [], {}],
      ...world.ids.flatMap(({ articleId }) => [
        ['sources', ['check', articleId], { user: 'ada' }] as const,
        ['research', ['replay', articleId], { user: 'ada' }] as const,
      ]),
    ] as const) {
      const written: string[] = []
      const terminal = createTerminal(streamsTo(written))
      const command = commands.find((each) => each.name === name)
      assert.ok(command, name)
      const call = cliCall(terminal, settings, { positionals: [...positionals], options })
      await command.run(call).catch((error: Error) => terminal.complain(error.message))
      const what = `nova ${name} ${positionals.join(' ')}`
      assert.ok(written.length > 0, what)
      assertSeen(what, plainly(written))
      if ('json' in options) assert.match(plainly(written), /Ants/, what)
    }
  })
})

/** A terminal that remembers, wide enough to cut nothing. */
function streamsTo(written: string[]) {
  const write = (text: string) => written.push(text)
  const stream = Object.assign(new PassThrough(), { isTTY: true, columns: 1_000, write })
  const terminal = stream as unknown as NodeJS.WriteStream
  return { stdin: process.stdin, stdout: terminal, stderr: terminal }
}

/** Without what is Nova's own: colours, and the clearing of a line. */
const plainly = (written: readonly string[]): string =>
  written
    .join('')
    .replaceAll('\r\u001b[2K', '')
    .split(/\p{Cc}\[[\d;]*m/u)
    .join('')
