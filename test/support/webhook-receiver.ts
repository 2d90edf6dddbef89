import assert from 'node:assert/strict'
import { createHmac, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'

export interface Delivery {
  id: string
  /** Seconds, as sent. */
  timestamp: number
  signature: string
  raw: string
  body: { outcome: string; run: Record<string, unknown> }
}

/** A receiver of webhooks for a route of a site. It keeps what came and answers as it is told, 204 at the end. */
export function webhookReceiver(answers: readonly (number | 'hang up' | 'redirect')[] = []) {
  const deliveries: Delivery[] = []
  const route = async (request: IncomingMessage, response: ServerResponse) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const raw = Buffer.concat(chunks).toString('utf8')
    const { headers } = request
    const answer = answers[deliveries.length] ?? 204
    deliveries.push({
      id: String(headers['webhook-id']),
      timestamp: Number(headers['webhook-timestamp']),
      signature: String(headers['webhook-signature']),
      raw,
      body: JSON.parse(raw),
    })
    if (answer === 'hang up') request.socket.destroy()
    else if (answer === 'redirect') response.writeHead(302, { location: '/elsewhere' }).end()
    else response.writeHead(answer).end()
  }
  return { deliveries, route: (...exchange: Parameters<typeof route>) => void route(...exchange) }
}

/** Checks a message as standard-webhooks has it: one of its signatures is the secret's. */
export function assertSigned({ id, timestamp, signature, raw }: Delivery, secret: string): void {
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64')
  const wanted = createHmac('sha256', key).update(`${id}.${timestamp}.${raw}`).digest()
  const signatures = signature.split(' ').map((one) => one.split(','))
  const right = signatures.some(([version, given = '']) => {
    const bytes = Buffer.from(given, 'base64')
    return version === 'v1' && bytes.length === wanted.length && timingSafeEqual(bytes, wanted)
  })
  assert.ok(right, `no signature of the secret: ${signature}`)
  assert.ok(Math.abs(Date.now() / 1000 - timestamp) < 300, 'it says when it was sent')
}
