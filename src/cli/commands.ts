import { analytics } from './analytics.ts'
import { articles } from './articles.ts'
import { backup } from './backup.ts'
import type { CliCommand } from './command.ts'
import { demo } from './demo.ts'
import { doctor } from './doctor.ts'
import { events } from './events.ts'
import { links } from './links.ts'
import { mcp } from './mcp.ts'
import { migrate } from './migrate.ts'
import { plan } from './plan.ts'
import { projections } from './projections.ts'
import { research } from './research.ts'
import { restore } from './restore.ts'
import { serve } from './serve.ts'
import { sources } from './sources.ts'
import { token } from './token.ts'

/** Every subcommand, in the order of the help. Each loads what is heavy only when it runs. */
export const commands: readonly CliCommand[] = [
  serve,
  mcp,
  research,
  demo,
  migrate,
  projections,
  events,
  backup,
  restore,
  articles,
  links,
  sources,
  token,
  plan,
  analytics,
  doctor,
]
