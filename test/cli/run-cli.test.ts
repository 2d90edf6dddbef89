import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { commands } from '../../src/cli/commands.ts'
import { runCli } from '../../src/cli/run-cli.ts'
import { rememberingTerminal } from '../support/cli-call.ts'

async function nova(...argv: string[]) {
  const terminal = rememberingTerminal()
  const code = await runCli(argv, { terminal, stopping: new AbortController().signal })
  return { code, out: terminal.out(), err: terminal.err() }
}

describe('the command line', () => {
  it('explains itself when nothing is asked, and names every command', async () => {
    const { code, out } = await nova()
    assert.equal(code, 0)
    for (const { name, summary } of commands) assert.match(out, new RegExp(`${name} +${summary}`))
    for (const argv of [['help'], ['--help'], ['help', '--help']]) {
      assert.deepEqual(await nova(...argv), { code: 0, out, err: '' })
    }
  })

  it('explains every option of every command', async () => {
    for (const command of commands) {
      const { code, out } = await nova('help', command.name)
      assert.equal(code, 0)
      assert.match(out, new RegExp(`^Usage: nova ${command.name}`))
      for (const name of Object.keys(command.options)) assert.ok(out.includes(`--${name}`), name)
      assert.equal((await nova(command.name, '--help')).out, out)
    }
  })

  it('says what exists when a command does not', async () => {
    const { code, err } = await nova('resaerch')
    assert.equal(code, 2)
    assert.match(err, /There is no command "resaerch"\.\n.*serve, mcp, research, demo/)
  })

  for (const argv of [
    ['serve', '--bogus'],
    ['serve', '--port', 'x'],
    ['serve', '--port', '70000'],
    ['serve', '--role', 'boss'],
    ['research'],
    ['research', 'a.md', 'b.md'],
    ['research', 'a.md', '--rounds', '11'],
    ['research', 'a.md', '--server', 'file:///etc/passwd'],
    ['projections', 'rebuild'],
    ['projections', 'status', 'articles'],
    ['help', 'nothing'],
    ['plan', 'set', 'ann', '--limit', '-1'],
  ]) {
    it(`answers code 2 and a hint to: nova ${argv.join(' ')}`, async () => {
      const { code, err } = await nova(...argv)
      assert.equal(code, 2)
      assert.equal(err.split('\n').length, 2)
      assert.doesNotMatch(err, /at .*\.ts/)
    })
  }

  it('names the help of the command that was not understood', async () => {
    assert.match((await nova('plan', 'set', 'ann', '--weight', 'x')).err, /See `nova help plan`/)
  })

  it('refuses a file that cannot be read in one sentence and a hint', async () => {
    const { code, err } = await nova('research', '/nonexistent/guideline.md')
    assert.equal(code, 1)
    assert.equal(
      err,
      'nova: /nonexistent/guideline.md cannot be read. [INPUT_FILE_UNREADABLE]\n  Check the path and its permissions.',
    )
  })
})
