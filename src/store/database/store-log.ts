/** What the store needs of a logger; pino's has it. Lines never hold secrets. */
export interface StoreLog {
  debug(message: string): void
  warn(message: string): void
}
