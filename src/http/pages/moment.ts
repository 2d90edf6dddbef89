import { type Html, html } from './html.ts'

/** A time, readable by people and machines. Pages are not told the reader's time zone, so it is UTC. */
export function moment(time: string | Date): Html {
  const iso = (typeof time === 'string' ? new Date(time) : time).toISOString()
  return html`<time datetime="${iso}">${iso.slice(0, 10)} ${iso.slice(11, 16)} UTC</time>`
}
