import assert from 'node:assert/strict'
import { Refusal, type RefusalCode } from '../../src/errors.ts'
import type { NewEvent } from '../../src/events/define-event.ts'

interface Decider<State, Event extends NewEvent, Command> {
  initial: State
  evolve: (state: State, event: Event) => State
  decide: (command: Command, state: State) => Event[]
}

/** Given events, when a command, then events, nothing or a refusal. */
export const specFor =
  <State, Event extends NewEvent, Command>(decider: Decider<State, Event, Command>) =>
  (...events: readonly NewEvent[]) => ({
    when(command: Command) {
      const state = (events as readonly Event[]).reduce(decider.evolve, decider.initial)
      const decide = () => decider.decide(command, state)
      return {
        thenEvents: (...expected: readonly NewEvent[]) => assert.deepEqual(decide(), expected),
        thenNothing: () => assert.deepEqual(decide(), []),
        thenRefused: (code: RefusalCode) =>
          assert.throws(decide, (error) => error instanceof Refusal && error.code === code),
        thenCheck: (check: (events: Event[]) => void) => check(decide()),
      }
    },
  })
