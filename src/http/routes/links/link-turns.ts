import { Refusal } from '../../../errors.ts'

/** Uses of one link at once, within this process; between processes the store decides. */
export interface LinkTurns {
  /** Those who look at the same link at the same moment share one look. */
  look(linkId: string, look: () => Promise<void>): Promise<void>
  /** One use after the other: once one got through, the others are LINK_USED without asking anybody. */
  use<Done>(linkId: string, use: () => Promise<Done>): Promise<Done>
}

/** Fifty uses of one link at once cost the database hardly more than one. */
export function createLinkTurns(): LinkTurns {
  const looks = new Map<string, Promise<void>>()
  /** By link: whether the last use in line has, or found, the link used. */
  const lines = new Map<string, Promise<boolean>>()
  return {
    look(linkId, look) {
      const shared = looks.get(linkId) ?? look().finally(() => looks.delete(linkId))
      looks.set(linkId, shared)
      return shared
    },
    use(linkId, use) {
      const before = lines.get(linkId)
      const mine = (async () => {
        if (await before) throw new Refusal('LINK_USED')
        return use()
      })()
      const isUsed = mine.then(() => true, isLinkUsed)
      lines.set(linkId, isUsed)
      void isUsed.then(() => {
        if (lines.get(linkId) === isUsed) lines.delete(linkId)
      })
      return mine
    },
  }
}

export const isLinkUsed = (error: unknown): error is Refusal =>
  error instanceof Refusal && error.code === 'LINK_USED'
