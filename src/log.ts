/** What a layer needs of a logger; pino's has it. Lines never hold secrets. */
export interface Log {
  debug(details: object, message: string): void
  warn(details: object, message: string): void
  error(details: object, message: string): void
}
