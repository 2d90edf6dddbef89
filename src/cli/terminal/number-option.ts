import { type CliCall, UsageError } from '../command.ts'

/** The value of an option as a whole number within bounds. Throws UsageError. */
export function numberOption(
  call: Pick<CliCall, 'option'>,
  name: string,
  { min, max }: { min: number; max: number },
): number | undefined {
  const text = call.option(name)
  if (text === undefined) return undefined
  const number = Number(text)
  if (/^\d+$/.test(text) && number >= min && number <= max) return number
  throw new UsageError(`--${name} takes a whole number from ${min} to ${max}, not "${text}".`)
}
