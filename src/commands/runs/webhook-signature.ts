import { createHmac, hkdfSync } from 'node:crypto'

const prefix = 'whsec_'

/**
 * The headers of standard-webhooks (https://www.standardwebhooks.com) for one message. Each secret signs, so that a
 * receiver with the one of before still finds a signature it can check.
 */
export function signedHeaders(
  secrets: readonly string[],
  message: { id: string; sentAt: Date; body: string },
): Record<string, string> {
  const timestamp = String(Math.floor(message.sentAt.getTime() / 1000))
  const signed = `${message.id}.${timestamp}.${message.body}`
  const signatures = secrets.map((secret) => {
    const key = Buffer.from(secret.slice(prefix.length), 'base64')
    return `v1,${createHmac('sha256', key).update(signed).digest('base64')}`
  })
  return {
    'webhook-id': message.id,
    'webhook-timestamp': timestamp,
    'webhook-signature': signatures.join(' '),
  }
}

/** A user's own secrets, one of each key of the server: nothing of them is kept, and no user can sign as another. */
export const userWebhookSecrets = (keys: readonly string[], userId: string): string[] =>
  keys.map((key) => {
    const bytes = hkdfSync('sha256', key, '', `nova webhook of ${userId}`, 32)
    return `${prefix}${Buffer.from(bytes).toString('base64')}`
  })
