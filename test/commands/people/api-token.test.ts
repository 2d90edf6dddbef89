import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  isSecretOf,
  newApiToken,
  parseApiToken,
  secretHash,
  writeApiToken,
} from '../../../src/commands/people/api-token.ts'

describe('an API token', () => {
  it('is read as it was written, and no two are alike', () => {
    const made = Array.from({ length: 200 }, newApiToken)
    for (const token of made) assert.deepEqual(parseApiToken(writeApiToken(token)), token)
    assert.equal(new Set(made.map(writeApiToken)).size, made.length)
  })

  it('is nothing else', () => {
    const text = writeApiToken(newApiToken())
    const others = ['', 'nova_', 'nova__', text.slice(0, -1), `${text}0`, ` ${text}`, `${text}\n`]
    for (const other of [...others, text.toUpperCase()]) assert.equal(parseApiToken(other), null)
  })

  it('fits its own hash and no other, not even none', () => {
    const { secret } = newApiToken()
    assert.ok(isSecretOf(secret, secretHash(secret)))
    for (const hash of [
      '',
      ' ',
      'a'.repeat(64),
      'a'.repeat(70),
      secretHash(newApiToken().secret),
    ]) {
      assert.ok(!isSecretOf(secret, hash))
    }
  })
})
