import { demo } from './demo.ts'

/*
 * `npm run bench -- NAME`: measurements of this machine, one JSON object a line. They are no tests: a
 * number here never fails a build.
 */

const benches: Record<string, () => AsyncGenerator<object>> = { demo }

const name = process.argv[2] ?? ''
const bench = Object.hasOwn(benches, name) ? benches[name] : undefined
if (bench) {
  for await (const line of bench()) console.log(JSON.stringify({ bench: name, ...line }))
} else {
  console.error(`Usage: npm run bench -- ${Object.keys(benches).join('|')}`)
  process.exitCode = 2
}
