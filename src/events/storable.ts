import { z } from 'zod'

const replacement = '\uFFFD'

/** Text as PostgreSQL keeps it in jsonb, which knows neither NUL nor half a surrogate pair: the place of such is marked. */
export const storableText = (text: string): string =>
  text.toWellFormed().replaceAll('\0', replacement)

/** The same for every string in a value of JSON. Pages send such text, and cutting one may halve an emoji. */
export function storable<Value>(value: Value): Value {
  if (typeof value === 'string') return storableText(value) as Value
  if (Array.isArray(value)) return value.map(storable) as Value
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([field, held]) => [field, storable(held)]),
  ) as Value
}

/** A month as `yyyy-mm`. PostgreSQL knows no year 0. */
export const monthPattern = /^[1-9]\d{3}-(0[1-9]|1[0-2])$/

/** A time in ISO form, of a year that PostgreSQL knows. */
export const storableTime = () =>
  z.iso.datetime().refine((time) => /^[1-9]/.test(time), 'there is no such year')
