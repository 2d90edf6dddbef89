import { type Logger, pino } from 'pino'
import type { Config } from '../../config.ts'
import { visibleJson } from '../../visible-text.ts'

/** The log of a process: JSON lines on stderr, since stdout belongs to people and to MCP over stdio. */
export const createLog = (level: Config['LOG_LEVEL']): Logger =>
  pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      hooks: { streamWrite: visibleJson },
    },
    pino.destination({ fd: 2, sync: true }),
  )
