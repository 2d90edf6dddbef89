import fc from 'fast-check'

/** The part of JSON Schema that tools and routes describe themselves with. */
export interface Schema {
  type?: string | string[]
  enum?: unknown[]
  const?: unknown
  anyOf?: Schema[]
  oneOf?: Schema[]
  properties?: Record<string, Schema>
  items?: Schema
  minimum?: number
  maximum?: number
  minLength?: number
  maxLength?: number
  maxItems?: number
}

const id = '00000000-0000-4000-8000-000000000000'

/** Texts that a check of length and kind lets pass, and a parser, a database or an object may not. */
export const hostileTexts = [
  ...[
    '',
    ' ',
    '\0',
    'a\0b',
    '\ud800',
    'a\udfffb',
    '\u202e',
    '\ufeff',
    '%00',
    '%',
    '%E0%A4%A',
    '\\',
  ],
  ...[`${id}\0`, id, id.toUpperCase(), `{${id}}`, "';--", '../../etc/passwd', '//', '?', '#'],
  ...['NaN', 'Infinity', '-0', '1e309', '0x10', '-1', '9'.repeat(40), '٣', '１２', '²', 'null'],
  ...['0000-01', '0000-01-01T00:00:00Z', '-0001-01-01T00:00:00Z', '9999-12', '٢٠٢٦-٠١', 'infinity'],
  ...['__proto__', 'constructor', 'toString', 'hasOwnProperty', '[object Object]', '[', '{"a":'],
  ...['x'.repeat(100_000), '[[['.repeat(20_000), '\0'.repeat(1_000), '🂡'.repeat(501)],
]

const hostileNumbers = [-1, -0, 0, 0.5, 1e308, 2 ** 31, 2 ** 53, -(2 ** 63), 5e-324, Number.NaN]

const hostileThings: fc.JsonValue[] = [
  ...[null, true, [], [[]], {}, [null], [{}], { length: 1 }, { toString: 'x' }],
  JSON.parse('{"__proto__":{"isAdmin":true}}'),
  Array.from({ length: 1_000 }, () => 'x'),
]

const text = fc.oneof(
  fc.constantFrom(...hostileTexts),
  fc.string({ unit: 'binary', maxLength: 80 }),
)

/** Values that are not what any schema asks for, or only just. */
export const hostileValue: fc.Arbitrary<unknown> = fc.oneof(
  text,
  fc.constantFrom(...hostileNumbers),
  fc.constantFrom(...hostileThings),
  fc.array(text, { maxLength: 4 }),
  fc.jsonValue({ maxDepth: 3 }),
)

/** Values with the form that a schema asks for, as far as it goes, and hostile texts and numbers in it. */
export function hostileWithin(schema: Schema): fc.Arbitrary<unknown> {
  const choices = schema.anyOf ?? schema.oneOf
  if (choices) return fc.oneof(...choices.map(hostileWithin))
  if (schema.enum) return fc.constantFrom(...schema.enum)
  if ('const' in schema) return fc.constant(schema.const)
  const { type, items = {}, properties = {} } = schema
  if (type === 'array') {
    return fc.array(hostileWithin(items), { maxLength: Math.min(schema.maxItems ?? 3, 3) })
  }
  if (type === 'object') {
    return fc.record(
      Object.fromEntries(
        Object.entries(properties).map(([name, inner]) => [name, hostileWithin(inner)]),
      ),
    )
  }
  if (type === 'integer') {
    const { minimum = -(2 ** 53) + 1, maximum = 2 ** 53 - 1 } = schema
    return fc.integer({ min: Math.ceil(minimum), max: Math.floor(maximum) })
  }
  if (type === 'string') return text.map((value) => value.slice(0, schema.maxLength))
  return hostileValue
}
