import { z } from 'zod'

/** Any text, trimmed. */
const text = () => z.string().trim().min(1).optional()
/** What is sent in a header: anything else would be refused there, at every request. */
const key = () =>
  z
    .string()
    .trim()
    .regex(/^[\x21-\x7e]+$/, 'may hold visible ASCII characters only, and no spaces')
    .optional()
/** What a client can send as a bearer token (RFC 6750), as long as the server reads one. */
const bearer = () =>
  z
    .string()
    .min(32, 'needs at least 32 characters')
    .max(8192, 'may have 8192 characters')
    .regex(
      /^[\w\-.~+/]+=*$/,
      'may hold letters, digits and -._~+/ only: clients can send no others',
    )
    .optional()
/** Secrets, newest first. */
const keys = () =>
  z
    .string()
    .transform((value) => value.split(',').map((one) => one.trim()))
    .refine(
      (all) => all.every((one) => one.length >= 32),
      'needs at least 32 characters per key; a comma separates two keys',
    )
    .optional()
/** An address over HTTP. */
const url = () => z.url({ protocol: /^https?$/ }).optional()
/** A whole number with a default. */
const count = (min: number, max: number, fallback: number) =>
  z.coerce.number().int().min(min).max(max).default(fallback)
/** A whole number that may be unset. */
const bound = (max: number) => z.coerce.number().int().min(0).max(max).optional()
/** `1` or `true`. */
const flag = () =>
  z
    .enum(['0', '1', 'true', 'false'])
    .default('0')
    .transform((value) => value === '1' || value === 'true')

const webhookSecret = z
  .string()
  .regex(/^whsec_[A-Za-z0-9+/]{32,86}={0,2}$/, 'is not whsec_ and 24 to 64 bytes in base64')
  .optional()

/** `host:port` or `host:port=address:port`, comma separated; see NOVA_FETCH_ALLOW. */
const fetchAllow = z
  .string()
  .default('')
  .transform((value, context) => {
    const entries = value
      .split(',')
      .map((entry) => entry.trim())
      .filter(Boolean)
    return entries.flatMap((entry) => {
      const match = /^(\[[0-9a-f:]+\]|[^:=\s]+):(\d{1,5})(?:=([^=\s]+):(\d{1,5}))?$/i.exec(entry)
      if (!match?.[1] || !match[2]) {
        context.addIssue(`"${entry}" is not host:port or host:port=address:port`)
        return []
      }
      const connect =
        match[3] && match[4] ? { address: match[3], port: Number(match[4]) } : undefined
      return [{ host: match[1].toLowerCase(), port: Number(match[2]), connect }]
    })
  })

/** `name=0.005` for a request, `name=0.30/2.50` for a million tokens in and out; comma separated. */
const prices = z
  .string()
  .default('')
  .transform((value, context) => {
    const entries = value.split(',').map((entry) => entry.trim())
    return entries.filter(Boolean).flatMap((entry) => {
      const [, name, first, second] =
        /^(.+)=(\d+(?:\.\d+)?)(?:\/(\d+(?:\.\d+)?))?$/.exec(entry) ?? []
      if (!name) {
        context.addIssue(`"${entry}" is not name=price or name=input/output`)
        return []
      }
      const price =
        second === undefined
          ? { request: Number(first) }
          : { input: Number(first), output: Number(second) }
      return [[name, price] as const]
    })
  })

/** The forms that values of settings have; src/config.ts says which setting has which. */
export const settingValues = {
  text,
  key,
  bearer,
  keys,
  url,
  count,
  bound,
  flag,
  webhookSecret,
  fetchAllow,
  prices,
}
