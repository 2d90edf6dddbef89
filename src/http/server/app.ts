import rateLimit from '@fastify/rate-limit'
import fastify, { type FastifyInstance } from 'fastify'
import type { WorkInHand } from '../../commands/runs/work-in-hand.ts'
import { Refusal } from '../../errors.ts'
import { isWithinBounds, requestBounds, requestBytesMax } from '../../sources/files/json-bounds.ts'
import { authSettings } from '../auth/auth-settings.ts'
import { createAuthenticate } from '../auth/authenticate.ts'
import type { VerifierOptions } from '../auth/token-verifier.ts'
import { stopStreamsOnClose } from '../live/event-streams.ts'
import { archiveArticleRoute } from '../routes/articles/archive-article.ts'
import { articleProgressRoute } from '../routes/articles/article-progress.ts'
import { articleResearchRoute } from '../routes/articles/article-research.ts'
import { articleSourcesRoute } from '../routes/articles/article-sources.ts'
import { createArticleRoute } from '../routes/articles/create-article.ts'
import { eraseArticleRoute } from '../routes/articles/erase-article.ts'
import { getArticleRoute } from '../routes/articles/get-article.ts'
import { listArticlesRoute } from '../routes/articles/list-articles.ts'
import { renameArticleRoute } from '../routes/articles/rename-article.ts'
import { articleLinksRoute } from '../routes/links/article-links.ts'
import { downloadRoute } from '../routes/links/download.ts'
import { uploadRoutes } from '../routes/links/upload.ts'
import { uploadFilesRoute } from '../routes/links/upload-files.ts'
import { watchRoutes } from '../routes/links/watch.ts'
import { tokenRoutes } from '../routes/people/tokens.ts'
import { researchRunRoutes } from '../routes/runs/research-runs.ts'
import { webhookSecretRoute } from '../routes/runs/webhook-secret.ts'
import { assetRoutes } from '../routes/server/assets.ts'
import { healthRoutes } from '../routes/server/health.ts'
import { mcpRoute } from '../routes/server/mcp.ts'
import { metricsRoute } from '../routes/server/metrics.ts'
import { protectedResourceRoutes } from '../routes/server/protected-resource.ts'
import { startRoutes } from '../routes/server/start.ts'
import { analyticsRoutes } from '../routes/usage/analytics.ts'
import { planRoutes } from '../routes/usage/plans.ts'
import { usageRoute } from '../routes/usage/usage.ts'
import { BodyBudget } from '../uploads/body-budget.ts'
import { answerUnroutable, useErrorHandler } from './error-handler.ts'
import { guardRequests, holdBodies } from './guard-requests.ts'
import type { HttpContext } from './http-context.ts'
import type { HttpDeps } from './http-deps.ts'
import { documentApi } from './openapi.ts'
import { RefusalTally } from './refusal-tally.ts'
import { logResponses, requestLogging } from './request-log.ts'
import { useZodSchemas } from './zod-schemas.ts'

/** The HTTP server, not listening yet. Options are for tests of key rotation. */
export async function createHttpApp(
  deps: HttpDeps,
  verifierOptions: VerifierOptions = {},
): Promise<FastifyInstance> {
  const serverUrl = () => deps.links.serverUrl()
  const auth = authSettings(deps.config, () => `${serverUrl()}/mcp`)
  const context: HttpContext = {
    deps,
    auth,
    authenticate: createAuthenticate(auth, deps, {
      now: deps.now,
      kept: deps.issuerKeys,
      log: deps.log,
      ...verifierOptions,
    }),
    tally: new RefusalTally(deps),
    bodies: new BodyBudget(),
    // Empty until the server listens, when no SERVER_URL says what it will be.
    base: () => (URL.parse(serverUrl())?.pathname ?? '').replace(/\/+$/, ''),
  }
  const app = fastify({
    ...requestLogging,
    loggerInstance: deps.log,
    genReqId: deps.newId,
    requestIdHeader: false,
    bodyLimit: requestBytesMax,
    trustProxy: (_address, hop) => hop < deps.config.NOVA_TRUSTED_PROXIES,
    // A request has two minutes to arrive; a silent connection is dropped, a stream sends heartbeats.
    requestTimeout: 120_000,
    connectionTimeout: 150_000,
    keepAliveTimeout: 72_000,
    http: { headersTimeout: 15_000 },
    frameworkErrors: answerUnroutable,
    // Links are longer than the parameters that routers expect.
    routerOptions: { maxParamLength: 2048 },
  })

  await app.register(rateLimit, { global: false })
  useForms(app)
  useZodSchemas(app)
  useTextBodies(app)
  useJsonBodies(app)
  guardRequests(app, context)
  holdBodies(app, context)
  stopStreamsOnClose(app)
  countHandlers(app, deps.inHand)
  useErrorHandler(app, context)
  logResponses(app)
  await documentApi(app)

  await app.register(healthRoutes(context))
  await app.register(metricsRoute(deps.metrics))
  await app.register(assetRoutes())
  await app.register(protectedResourceRoutes(context))
  await app.register(mcpRoute(context))
  await app.register(startRoutes(context))
  await app.register(uploadRoutes(context))
  await app.register(downloadRoute(context))
  await app.register(watchRoutes(context))
  await app.register(createArticleRoute(context))
  await app.register(listArticlesRoute(context))
  await app.register(getArticleRoute(context))
  await app.register(archiveArticleRoute(context))
  await app.register(renameArticleRoute(context))
  await app.register(eraseArticleRoute(context))
  await app.register(articleSourcesRoute(context))
  await app.register(articleResearchRoute(context))
  await app.register(articleProgressRoute(context))
  await app.register(researchRunRoutes(context))
  await app.register(webhookSecretRoute(context))
  await app.register(articleLinksRoute(context))
  await app.register(uploadFilesRoute(context))
  await app.register(usageRoute(context))
  await app.register(tokenRoutes(context))
  await app.register(planRoutes(context))
  await app.register(analyticsRoutes(context))
  return app
}

/** Counts the handlers of every route that is added from here on as work in hand. */
function countHandlers(app: FastifyInstance, inHand: WorkInHand): void {
  app.addHook('onRoute', (route) => {
    const { handler } = route
    route.handler = function (request, reply) {
      return inHand.track(async () => handler.call(this, request, reply))
    }
  })
}

/** JSON bodies, refused before they are parsed when they nest or list without end. */
function useJsonBodies(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser('error', 'error')
  app.removeContentTypeParser('application/json')
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    const text = String(body)
    if (isWithinBounds(text, requestBounds)) return parse(request, text, done)
    return done(new Refusal('BODY_TOO_COMPLEX', requestBounds))
  })
}

const formBytesMax = 16 * 1024

/** Forms with files are read by their routes, which know how much of them is allowed. */
function useForms(app: FastifyInstance): void {
  app.addContentTypeParser(/^multipart\/form-data\b/i, (_request, _payload, done) => done(null))
}

/** A guideline sent as it is: `curl --data-binary @guideline.md -H 'content-type: text/markdown'`. */
const textTypes = ['text/markdown', 'text/plain', 'application/octet-stream']

/** Bodies besides JSON and multipart: plain text as bytes, and small forms as an object of strings. */
function useTextBodies(app: FastifyInstance): void {
  app.addContentTypeParser(textTypes, { parseAs: 'buffer' }, (_request, body, done) =>
    done(null, body),
  )
  app.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string', bodyLimit: formBytesMax },
    (_request, body, done) => done(null, Object.fromEntries(new URLSearchParams(String(body)))),
  )
}
