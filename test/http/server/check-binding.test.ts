import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parseConfig } from '../../../src/config.ts'
import { authSettings } from '../../../src/http/auth/auth-settings.ts'
import { checkBinding } from '../../../src/http/server/check-binding.ts'

function configOf(environment: Record<string, string>) {
  const parsed = parseConfig(environment)
  assert.ok(parsed.ok)
  return parsed.config
}

const token = 'an-access-token-of-32-characters-at-least'
const refused = (code: string) => (error: unknown) => (error as { code?: string }).code === code

describe('without authentication', () => {
  it('the server binds to loopback', () => {
    for (const SERVER_HOST of ['127.0.0.1', 'localhost', '::1', '127.9.9.9']) {
      checkBinding(configOf({ SERVER_HOST }))
    }
    checkBinding(configOf({ SERVER_URL: 'http://[::1]:8000' }))
  })

  it('the server refuses to be reachable from elsewhere, also through a tunnel', () => {
    for (const SERVER_HOST of ['0.0.0.0', '::', '10.0.0.1', 'nova.example', '127.0.0.1.evil']) {
      assert.throws(() => checkBinding(configOf({ SERVER_HOST })), refused('BIND_REFUSED'))
    }
    const tunnel = configOf({ SERVER_URL: 'https://abc.tunnel.example' })
    assert.throws(() => checkBinding(tunnel), refused('BIND_REFUSED'))
  })

  it('blank settings are no authentication', () => {
    const blank = configOf({ SERVER_HOST: '0.0.0.0', NOVA_AUTH_ISSUER: '', DESCOPE_PROJECT_ID: '' })
    assert.throws(() => checkBinding(blank), refused('BIND_REFUSED'))
  })
})

describe('with authentication', () => {
  it('the server binds anywhere', () => {
    const SERVER_HOST = '0.0.0.0'
    checkBinding(configOf({ SERVER_HOST, NOVA_ACCESS_TOKEN: token }))
    checkBinding(configOf({ SERVER_HOST, NOVA_AUTH_ISSUER: 'https://issuer.example' }))
    checkBinding(configOf({ SERVER_HOST, DESCOPE_PROJECT_ID: 'P1' }))
  })

  it('the test fixtures stay on loopback', () => {
    const config = configOf({
      SERVER_HOST: '0.0.0.0',
      NOVA_ACCESS_TOKEN: token,
      NOVA_CONFORMANCE_FIXTURES: '1',
    })
    assert.throws(() => checkBinding(config), refused('CONFIG_INVALID'))
  })

  it('two ways at once are refused rather than one of them ignored', () => {
    const config = configOf({ NOVA_ACCESS_TOKEN: token, DESCOPE_PROJECT_ID: 'P1' })
    assert.throws(() => authSettings(config, () => ''), refused('CONFIG_INVALID'))
  })
})
