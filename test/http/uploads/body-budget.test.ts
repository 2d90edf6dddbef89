import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { BodyBudget } from '../../../src/http/uploads/body-budget.ts'

const limits = { bytesMax: 100, bytesOfUserMax: 60, waitMs: 60_000, waitingOfUserMax: 2 }

/** Which of these have been let in. */
async function letIn(held: Record<string, Promise<Disposable>>): Promise<string[]> {
  const names: string[] = []
  for (const [name, one] of Object.entries(held))
    one.then(
      () => names.push(name),
      () => {},
    )
  await turn()
  return names.toSorted()
}

describe('the budget of bodies', () => {
  it('lets a user in up to their share, and the next when one has left', async () => {
    const budget = new BodyBudget(limits)
    const first = await budget.hold('ada', 40)
    const waiting = { second: budget.hold('ada', 40), third: budget.hold('ada', 10) }
    assert.deepEqual(await letIn(waiting), [], 'the small one waits behind the large one')
    first[Symbol.dispose]()
    assert.deepEqual(await letIn(waiting), ['second', 'third'])
  })

  it('does not hold up others for one user who waits', async () => {
    const budget = new BodyBudget(limits)
    await budget.hold('ada', 60)
    const held = { ada: budget.hold('ada', 60), ben: budget.hold('ben', 40) }
    assert.deepEqual(await letIn(held), ['ben'])
  })

  it('keeps the order between users when the process is full', async () => {
    const budget = new BodyBudget(limits)
    const ada = await budget.hold('ada', 60)
    const held = { ben: budget.hold('ben', 60), cleo: budget.hold('cleo', 30) }
    assert.deepEqual(await letIn(held), [], 'small ones do not pass a large one for ever')
    ada[Symbol.dispose]()
    assert.deepEqual(await letIn(held), ['ben', 'cleo'])
  })

  it('lets one in alone that is larger than its share', async () => {
    const budget = new BodyBudget(limits)
    const large = await budget.hold('ada', 500)
    const held = { ben: budget.hold('ben', 1) }
    assert.deepEqual(await letIn(held), [])
    large[Symbol.dispose]()
    assert.deepEqual(await letIn(held), ['ben'])
  })

  it('refuses who waits for too long, and whose line is too long, and says whose share it is', async () => {
    const budget = new BodyBudget({ ...limits, waitMs: 10 })
    await budget.hold('ada', 60)
    const late = budget.hold('ada', 60)
    await assert.rejects(late, {
      code: 'UPLOADS_TOO_MANY',
      details: { whose: 'user', retry_after: 10 },
    })
    await assert.rejects(budget.hold('ben', 50), { details: { whose: 'server', retry_after: 10 } })

    const patient = new BodyBudget(limits)
    await patient.hold('ada', 60)
    const line = { second: patient.hold('ada', 60), third: patient.hold('ada', 60) }
    await assert.rejects(patient.hold('ada', 60), { code: 'UPLOADS_TOO_MANY' })
    assert.deepEqual(await letIn(line), [])
  })

  it('goes on with those behind one that gave up', async () => {
    const budget = new BodyBudget({ ...limits, waitMs: 200 })
    const ada = await budget.hold('ada', 60)
    const ben = budget.hold('ben', 60)
    const cleo = budget.hold('cleo', 30)
    await assert.rejects(ben, { code: 'UPLOADS_TOO_MANY' })
    assert.ok(await cleo)
    ada[Symbol.dispose]()
  })
})
