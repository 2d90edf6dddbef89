import { once } from 'node:events'
import { projections } from '../../src/projections/registry.ts'
import { openDatabase } from '../../src/store/database/database.ts'
import { ProjectionFollower } from '../../src/store/projections/follow-projections.ts'
import { drainProjection } from '../../src/store/projections/projection-step.ts'
import { settingsFor } from '../support/database.ts'

// Drains a projection each time it is asked to by a line, or follows it with others once it is drained, and says how
// that went.
const [, , url = '', name = '', how = 'drain'] = process.argv
const projection = projections.find((known) => known.name === name)
if (!projection) throw new Error(`no projection ${name}`)
const database = await openDatabase(settingsFor(url))
const follower = new ProjectionFollower(database.projector)
let isFollowed = false
const follow = async () => {
  if (isFollowed) return follower.round()
  for (const followed of projections) {
    const drained = await drainProjection(database.projector, followed)
    if (drained.kind === 'folded') follower.follow(followed, drained.position)
  }
  isFollowed = true
  return follower.round()
}
const work = () =>
  how === 'follow' ? follow() : drainProjection(database.projector, projection, { batch: 7 })
process.stdin.on('data', async () => {
  const outcome = await work().catch((error: Error) => ({
    kind: 'failed',
    failure: error.message,
  }))
  process.stdout.write(`${JSON.stringify(outcome)}\n`)
})
await once(process.stdin, 'end')
await database.close()
