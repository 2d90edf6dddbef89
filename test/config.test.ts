import assert from 'node:assert/strict'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { defaultLimits } from '../src/compose/default-limits.ts'
import { parseConfig, userDataDir } from '../src/config.ts'

describe('the data folder of a user', () => {
  const home = { HOME: '/home/ada' }
  const cases: [string, NodeJS.Platform, Record<string, string>, string][] = [
    ['on Linux', 'linux', home, '/home/ada/.local/share/nova'],
    ['where the user moved it', 'linux', { ...home, XDG_DATA_HOME: '/data' }, '/data/nova'],
    [
      'not where a relative path would lead',
      'linux',
      { ...home, XDG_DATA_HOME: 'data' },
      '/home/ada/.local/share/nova',
    ],
    ['on a Mac', 'darwin', home, '/home/ada/Library/Application Support/nova'],
    ['on Windows', 'win32', { ...home, LOCALAPPDATA: '/local' }, '/local/nova'],
    ['on Windows without its variable', 'win32', home, '/home/ada/AppData/Local/nova'],
  ]
  for (const [where, platform, environment, expected] of cases) {
    it(where, () => assert.equal(userDataDir(environment, platform), join(expected)))
  }

  it('is what counts as long as NOVA_DATA_DIR is not set', () => {
    const dirOf = (environment: Record<string, string>) => {
      const parsed = parseConfig({ ...environment, XDG_DATA_HOME: '/data' })
      return parsed.ok && parsed.config.NOVA_DATA_DIR
    }
    assert.equal(dirOf({}), userDataDir({ XDG_DATA_HOME: '/data' }))
    assert.equal(dirOf({ NOVA_DATA_DIR: 'here' }), 'here')
  })
})

describe('what a start refuses', () => {
  const problemOf = (environment: Record<string, string>) => {
    const parsed = parseConfig(environment)
    return parsed.ok ? null : parsed.problem
  }
  const sentence = 'a key for this run only, never used again'

  it('is a token that no client can send', () => {
    for (const name of ['NOVA_ACCESS_TOKEN', 'NOVA_METRICS_TOKEN']) {
      for (const token of [sentence, 'ä'.repeat(40), `${'t'.repeat(40)} `, '='.repeat(40)]) {
        assert.match(problemOf({ [name]: token }) ?? '', /may hold letters, digits/, token)
      }
      assert.match(problemOf({ [name]: 'short' }) ?? '', /at least 32/)
      assert.match(problemOf({ [name]: 't'.repeat(9000) }) ?? '', /8192/)
      assert.equal(problemOf({ [name]: 'Az09-._~+/'.repeat(4) }), null)
      assert.equal(problemOf({ [name]: `${'YWJj'.repeat(10)}==` }), null)
    }
  })

  it('is a list of keys one of which is short, and says what a comma does', () => {
    for (const name of ['NOVA_LINK_SECRET', 'NOVA_HEADS_KEY']) {
      assert.match(problemOf({ [name]: sentence }) ?? '', /a comma separates two keys/)
      assert.equal(problemOf({ [name]: `${'a'.repeat(32)}, ${'b'.repeat(32)}` }), null)
    }
  })

  it('is what no header can hold', () => {
    for (const name of ['GOOGLE_API_KEY', 'PPLX_API_KEY', 'GITHUB_TOKEN', 'NOVA_RENDER_TOKEN']) {
      for (const key of ['two words', 'line\nbreak', 'schlüssel']) {
        assert.match(problemOf({ [name]: key }) ?? '', /visible ASCII/, `${name}=${key}`)
      }
      // As a file that ends its line gives it.
      assert.equal(problemOf({ [name]: 'key\n' }), null)
    }
    assert.match(problemOf({ NOVA_USER_AGENT: 'Nova\nHost: x' }) ?? '', /printable ASCII/)
  })
})

describe('the monthly limit', () => {
  const limitOf = (environment: Record<string, string>) => {
    const parsed = parseConfig(environment)
    assert.ok(parsed.ok)
    return defaultLimits(parsed.config).callsPerMonth
  }

  it('is none for a lone user, and a hundred where many sign in, unless it is set', () => {
    assert.equal(limitOf({}), 0)
    assert.equal(limitOf({ NOVA_AUTH_ISSUER: 'https://issuer.example' }), 100)
    assert.equal(limitOf({ DESCOPE_PROJECT_ID: 'P1' }), 100)
    assert.equal(limitOf({ MONTHLY_TOOL_CALL_LIMIT: '7' }), 7)
    const unlimited = { MONTHLY_TOOL_CALL_LIMIT: '0', NOVA_AUTH_ISSUER: 'https://issuer.example' }
    assert.equal(limitOf(unlimited), 0)
  })
})
