import assert from 'node:assert/strict'
import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { pino } from 'pino'
import { compose } from '../../src/compose/compose.ts'
import { parseConfig } from '../../src/config.ts'
import { keepBackups } from '../../src/jobs/keep-backups.ts'
import { backedUp } from '../support/backed-up.ts'
import { until } from '../support/until.ts'

const hour = 60 * 60 * 1000

describe('backups that a server makes by itself', () => {
  it('come when the newest is too old, and what no moment needs goes', async () => {
    await using w = await backedUp()
    const deps = {
      database: w.database,
      path: w.backups,
      hours: 24,
      days: 1,
      log: pino({ level: 'silent' }),
    }
    const at = (hours: number) => keepBackups(deps, { now: new Date(Date.now() + hours * hour) })
    const backups = () => readdirSync(join(w.backups, 'base'))
    const { made } = await at(0)
    assert.deepEqual(backups(), [made])
    assert.deepEqual(await at(23), { made: null })
    // Three days later: this one is from now for the server, so the first is needed no more.
    const later = await at(72)
    assert.ok(later.made)
    assert.deepEqual(backups(), [later.made])
  })

  it('begin with its start, one for all its processes, and end with its stop', async () => {
    await using w = await backedUp()
    const log: string[] = []
    const parsed = parseConfig({
      NOVA_DATA_DIR: join(w.folder, 'data'),
      NOVA_BACKUP_DIR: w.backups,
      SERVER_PORT: '0',
    })
    assert.ok(parsed.ok)
    const start = () =>
      compose(parsed.config, {
        log: pino({ level: 'error' }, { write: (line: string) => void log.push(line) }),
        role: 'worker',
      })
    const [one, two] = await Promise.all([start(), start()])
    try {
      const whole = () => readdirSync(join(w.backups, 'base')).filter((name) => /Z$/.test(name))
      await until(() => whole().length > 0, 'a backup of the new server')
      assert.equal(whole().length, 1)
    } finally {
      await Promise.all([one.close(), two.close()])
    }
    assert.deepEqual(log, [])
    // A folder that is lost is said, and the server goes on.
    writeFileSync(join(w.backups, 'nova-backups.json'), 'nonsense')
    const third = await start()
    try {
      await until(() => log.some((line) => /no backup was made/.test(line)), 'the log to say so')
    } finally {
      await third.close()
    }
  })
})
