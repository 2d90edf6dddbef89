import { ModelFailure } from '../../src/research/models/model-failure.ts'
import type { LanguageModelPort, ModelRequest } from '../../src/research/models/model-port.ts'

/** A model that answers with what the test says; an answer the schema refuses fails as a real one would. */
export function scriptedModel(
  answer: (request: ModelRequest, call: number) => unknown,
): LanguageModelPort & { requests: ModelRequest[] } {
  const requests: ModelRequest[] = []
  const next = (request: ModelRequest) => {
    requests.push(request)
    return answer(request, requests.length)
  }
  return {
    name: 'test:scripted',
    requests,
    async object(request) {
      const parsed = request.schema.safeParse(next(request))
      if (!parsed.success) throw new ModelFailure('BAD_ANSWER', { cause: parsed.error })
      return parsed.data
    },
    text: async (request) => String(next(request)),
  }
}

/** A model that is never there. */
export const brokenModel = (): LanguageModelPort =>
  scriptedModel(() => {
    throw new ModelFailure('UNAVAILABLE')
  })
