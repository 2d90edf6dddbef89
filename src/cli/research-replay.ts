import { writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { Refusal } from '../errors.ts'
import type { CliCall } from './command.ts'
import { oneLine } from './terminal/terminal.ts'

/**
 * `nova research replay ARTICLE`: compiles research.md and research.json once more from the events and the stored bodies, with
 * nothing that could reach the network, and compares them with the recorded hashes. Code 1 when one differs.
 */
export async function researchReplay(call: CliCall, articleId: string): Promise<number> {
  const [{ openStore }, { replayResearch }] = await Promise.all([
    import('./setup/open-store.ts'),
    import('../commands/articles/replay-research.ts'),
  ])
  await using open = await openStore(call.settings())
  const replayed = await replayResearch(open.deps, call.option('user') ?? 'local', { articleId })
  const { recorded, compiler, altered } = replayed
  const { print, complain, paint } = call.terminal
  const size = Buffer.byteLength(replayed.text)
  print(`${oneLine(replayed.title)}`)
  print(`  Recorded  ${recorded.sha256}  ${recorded.at}, events 1 to ${recorded.throughVersion}`)
  print(`  Replayed  ${replayed.sha256}  ${size} bytes, from events and stored texts only`)
  const { evidence } = replayed
  if (evidence.recorded !== null) {
    const isSame = evidence.recorded === evidence.sha256
    print(
      `  Evidence  ${evidence.sha256}  ${isSame ? 'as recorded' : `recorded ${evidence.recorded}`}`,
    )
  }
  const output = call.option('output')
  if (output !== undefined) await writeReplayed(resolve(output), replayed.text)
  if (replayed.identical) {
    print(`${paint('green', '✓')} byte-identical`)
    return 0
  }
  complain(`${paint('red', '✗')} not identical`)
  for (const sha256 of altered) complain(`  The stored body ${sha256} is gone or was altered.`)
  if (compiler.recorded !== compiler.now) {
    complain(`  Recorded with ${compiler.recorded}; this Nova compiles with ${compiler.now}.`)
  }
  return 1
}

async function writeReplayed(path: string, text: string): Promise<void> {
  try {
    await writeFile(path, text)
  } catch (cause) {
    throw new Refusal('OUTPUT_FILE_UNWRITABLE', { path }, { cause })
  }
}
