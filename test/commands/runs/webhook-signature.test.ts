import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { signedHeaders, userWebhookSecrets } from '../../../src/commands/runs/webhook-signature.ts'

describe('the signature of a webhook', () => {
  it('is that of the reference library of standard-webhooks', () => {
    const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
    const sentAt = new Date(1_780_000_000_000)
    const body = '{"outcome":"finished"}'
    assert.deepEqual(signedHeaders([secret], { id: 'run1-finished', sentAt, body }), {
      'webhook-id': 'run1-finished',
      'webhook-timestamp': '1780000000',
      // Made by standardwebhooks 1.1.1.
      'webhook-signature': 'v1,f2a9nmghY+1rxDEYcDRmCthyziMj+J0ROHl7dL3IUqI=',
    })
  })

  it('is there once for each key of the server, newest first, and another for each user', () => {
    const [newest, older] = userWebhookSecrets(['new key', 'old key'], 'ada')
    assert.equal(userWebhookSecrets(['old key'], 'ada')[0], older)
    assert.notEqual(newest, older)
    assert.notEqual(userWebhookSecrets(['new key'], 'bob')[0], newest)
    const message = { id: 'a', sentAt: new Date(0), body: '{}' }
    const headers = signedHeaders([newest ?? '', older ?? ''], message)
    assert.equal(headers['webhook-signature']?.split(' ').length, 2)
  })
})
