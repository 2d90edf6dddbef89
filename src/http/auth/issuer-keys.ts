import type { JSONWebKeySet, JWTVerifyGetKey } from 'jose'
import type { IssuerKeyStore, KeptIssuerKeys } from '../../store/people/issuer-key-store.ts'
import { createKeySet, IssuerUnreachable, type KeySet, type KeyTimes } from './issuer-key-set.ts'
import { discoverIssuer } from './issuer-metadata.ts'

interface IssuerKeys {
  /** As tokens spell it in `iss`. */
  issuer: string
  key: JWTVerifyGetKey
}

export interface KeyOptions extends Partial<KeyTimes> {
  /** Where keys outlive the process. Unset: nowhere. */
  kept?: IssuerKeyStore
  log?: { warn(context: object, message: string): void }
}

/** Whether people can sign in, for the probes: no name and no address. */
export interface IssuerHealth {
  ok: boolean
  detail: string
}

interface Opened {
  issuer: string
  set: KeySet
  /** Nothing answered: these are the keys of before the restart. */
  isKept: boolean
}

const usualTimes: KeyTimes = { cooldownMs: 30_000, refreshMs: 600_000, staleMs: 86_400_000 }

/**
 * The signing keys of one issuer. A new key id is looked up at once; a revoked one is forgotten within
 * minutes; and while the issuer is down the keys it last gave keep working for a day, also over a restart.
 */
export function createIssuerKeys(issuer: string, { kept, log, ...options }: KeyOptions = {}) {
  const times = { ...usualTimes, ...options }
  let current: Promise<Opened> | undefined
  let opened: Opened | undefined
  let failedAt = 0
  let unsaved: KeptIssuerKeys | undefined
  let isSaving = false

  const setOf = (spelled: string, jwksUri: URL, keys: Parameters<typeof createKeySet>[2]['kept']) =>
    createKeySet(jwksUri, times, {
      kept: keys,
      onKeys: (given) => {
        unsaved = { spelled, jwksUri: jwksUri.href, ...given }
        save()
      },
    })

  /** Until they are saved they are in memory only, and the requests that come try again. */
  const save = () => {
    const keys = unsaved
    if (!kept || !keys || isSaving) return
    isSaving = true
    kept
      .save(issuer, keys)
      .then(
        () => {
          if (unsaved === keys) unsaved = undefined
        },
        (error: unknown) => log?.warn({ err: error }, 'keys of the issuer not kept'),
      )
      .finally(() => {
        isSaving = false
      })
  }

  const ask = async (): Promise<Opened> => {
    const metadata = await discoverIssuer(issuer)
    const set = setOf(metadata.issuer, metadata.jwksUri, null)
    await set.load()
    return { issuer: metadata.issuer, set, isKept: false }
  }

  const recall = async (): Promise<Opened | null> => {
    const found = await kept?.load(issuer)
    if (!found || Date.now() - found.confirmedAt.getTime() > times.staleMs) return null
    const keys = { keys: found.keys as JSONWebKeySet, confirmedAt: found.confirmedAt }
    return {
      issuer: found.spelled,
      set: setOf(found.spelled, new URL(found.jwksUri), keys),
      isKept: true,
    }
  }

  const open = (): Promise<Opened> =>
    ask().catch(async (error: unknown) => {
      failedAt = Date.now()
      const recalled = await recall()
      if (recalled) return recalled
      throw error
    })

  /** While the keys of before serve, the issuer is asked again, in the background. */
  const askAgain = () => {
    if (Date.now() - failedAt < times.cooldownMs) return
    failedAt = Date.now()
    ask().then(
      (answer) => {
        opened = answer
        current = Promise.resolve(answer)
      },
      () => {},
    )
  }

  return {
    async current(): Promise<IssuerKeys> {
      if (!current) {
        // A dead issuer is asked once a second and not once a request.
        if (Date.now() - failedAt < 1000) throw new IssuerUnreachable('asked a moment ago')
        current = open()
        current.catch(() => {
          current = undefined
        })
      }
      try {
        opened = await current
      } catch (error) {
        throw new IssuerUnreachable(error)
      }
      if (opened.isKept) askAgain()
      save()
      return { issuer: opened.issuer, key: opened.set.key }
    },
    health(): IssuerHealth {
      if (!opened) {
        if (failedAt === 0) return { ok: true, detail: 'not asked yet' }
        return { ok: false, detail: 'does not answer; users cannot sign in' }
      }
      if (opened.set.isAnswering()) return { ok: true, detail: 'answers' }
      const until = new Date(opened.set.confirmedAt() + times.staleMs)
      if (until.getTime() < Date.now()) {
        return { ok: false, detail: 'does not answer; users cannot sign in' }
      }
      return {
        ok: false,
        detail: `does not answer; its last keys count until ${until.toISOString()}`,
      }
    },
  }
}
