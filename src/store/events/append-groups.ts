import type pg from 'pg'
import { isRolledBack } from '../database/database-error.ts'
import { send } from '../database/lost-answer.ts'
import { type AppendQuery, byOrder, type JoinedItem, joinedQuery } from './append-query.ts'

/** One for each row of the statement, in its order, as text. */
type Answers = string[]

type JoiningQuery = AppendQuery & { joined: JoinedItem }

interface Waiting {
  query: JoiningQuery
  resolve: (answers: Answers | Promise<Answers>) => void
  reject: (error: unknown) => void
}

const joins = (query: AppendQuery): query is JoiningQuery => query.joined !== undefined

/** Groups on their way before appends wait for each other's company. */
const groupsAtOnce = 2
/** Fewer than the subtransactions that a server process keeps at hand, 64. */
const groupSize = 32
/** A group that takes longer, because somebody holds one of its streams, holds up no others. */
const patienceMs = 50

/**
 * Sends appends and admissions. Those of one event that come while others are on their way go together, in one
 * statement and one commit, since a transaction costs the server more than an event does; each of them is
 * done or refused by itself all the same.
 */
export class AppendGroups {
  readonly #pool: pg.Pool
  readonly #waiting: Waiting[] = []
  #underway = 0
  #sending = false

  constructor(pool: pg.Pool) {
    this.#pool = pool
  }

  /** Throws the database's errors as they come, and AnswerLost. */
  append(query: AppendQuery): Promise<Answers> {
    if (!joins(query)) return this.#sendAlone(query)
    const { promise, resolve, reject } = Promise.withResolvers<Answers>()
    this.#waiting.push({ query, resolve, reject })
    this.#sendSoon()
    return promise
  }

  /** At the end of this turn of the event loop, so that whoever else appends in it comes along. */
  #sendSoon(): void {
    if (this.#sending) return
    this.#sending = true
    process.nextTick(() => {
      this.#sending = false
      while (this.#underway < groupsAtOnce && this.#waiting.length > 0) {
        this.#sendGroup(this.#waiting.splice(0, groupSize))
      }
    })
  }

  #sendGroup(group: Waiting[]): void {
    this.#underway += 1
    let waitedFor = true
    const goOn = () => {
      if (!waitedFor) return
      waitedFor = false
      this.#underway -= 1
      this.#sendSoon()
    }
    const timer = setTimeout(goOn, patienceMs)
    void this.#answer(group).finally(() => {
      clearTimeout(timer)
      goOn()
    })
  }

  /** Settles every one of the group; never throws. */
  async #answer(group: Waiting[]): Promise<void> {
    try {
      const answers = await this.#sendTogether(group)
      for (const { query, resolve } of group) {
        // An append that the group refused is sent again alone, which tells its own reason.
        resolve(answers.get(query) ?? this.#sendAlone(query))
      }
    } catch (error) {
      for (const { reject } of group) reject(error)
    }
  }

  async #sendTogether(group: Waiting[]): Promise<Map<JoiningQuery, Answers>> {
    const [first, ...others] = group.map(({ query }) => query)
    if (!first) return new Map()
    if (others.length === 0) return new Map([[first, await this.#sendAlone(first)]])
    const queries = [first, ...others].toSorted(byOrder)
    try {
      const { rows } = await send<{ answer: string | null }>(
        this.#pool,
        joinedQuery(queries.map(({ joined }) => joined)),
      )
      const answers = new Map<JoiningQuery, Answers>()
      for (const [n, query] of queries.entries()) {
        const answer = rows[n]?.answer
        if (answer) answers.set(query, [answer])
      }
      return answers
    } catch (error) {
      // Rolled back, the server says.
      if (isRolledBack(error)) return new Map()
      throw error
    }
  }

  async #sendAlone({ name, text, values }: AppendQuery): Promise<Answers> {
    const { rows } = await send<{ answer: string }>(this.#pool, { name, text, values })
    return rows.map(({ answer }) => answer)
  }
}
