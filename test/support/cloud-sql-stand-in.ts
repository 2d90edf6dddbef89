import 'reflect-metadata'
import { createPublicKey, type KeyObject, webcrypto } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createRequire } from 'node:module'
import { connect, type Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { createServer as createTlsServer } from 'node:tls'
import type { ConnectorOptions } from '@google-cloud/cloud-sql-connector'
import * as x509 from '@peculiar/x509'
import { serverAt } from './server-at.ts'

/**
 * Google's side of Cloud SQL on this machine: the SQL Admin API, which signs client certificates, and the
 * proxy on port 3307 in front of PostgreSQL, which wants them. Private and PSC addresses are loopback ones.
 */
export interface CloudSqlStandIn extends AsyncDisposable {
  /** For NOVA_CLOUD_SQL_API. */
  api: string
  /** Credentials without Google; the token is `stand-in-token`. */
  auth: ConnectorOptions['auth']
  /** Access tokens that certificates were asked for with; IAM sends one, a password none. */
  tokens: (string | undefined)[]
  /** Breaks every open connection, as a failover does. */
  drop(): void
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
const port = 3307

/** Listens on one loopback address as the named kind of address of the instance `p:r:i`. */
export async function cloudSqlStandIn(options: {
  /** The server behind: a URL whose host may be a socket folder. */
  databaseUrl: string
  address: string
  type: 'PUBLIC' | 'PRIVATE' | 'PSC'
}): Promise<CloudSqlStandIn> {
  x509.cryptoProvider.set(globalThis.crypto)
  const authority = await createAuthority()
  const tokens: (string | undefined)[] = []
  const admin = createServer((request, response) => {
    answer(request, response, { authority, tokens, ...options }).catch(() => response.destroy())
  })
  await new Promise<void>((listening) => admin.listen(0, '127.0.0.1', listening))
  const sockets = new Set<Socket>()
  const proxy = await startProxy(authority, options, sockets)
  const at = admin.address()
  return {
    api: `http://127.0.0.1:${typeof at === 'object' && at ? at.port : 0}/`,
    auth: fakeCredentials(),
    tokens,
    drop() {
      for (const socket of sockets) socket.destroy()
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      admin.closeAllConnections()
      await Promise.all([admin, proxy].map((server) => new Promise((done) => server.close(done))))
    },
  }
}

interface Authority {
  certificate: x509.X509Certificate
  sign(subject: string, key: webcrypto.CryptoKey): Promise<string>
}

async function createAuthority(): Promise<Authority> {
  const keys = await createKeys()
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: 'CN=stand-in authority',
    ...validity(),
    keys,
    signingAlgorithm: algorithm,
    extensions: [new x509.BasicConstraintsExtension(true, 1, true)],
  })
  return {
    certificate,
    async sign(subject, publicKey) {
      const signed = await x509.X509CertificateGenerator.create({
        subject,
        issuer: certificate.subject,
        ...validity(),
        publicKey,
        signingKey: keys.privateKey,
        signingAlgorithm: algorithm,
      })
      return signed.toString('pem')
    },
  }
}

const createKeys = () =>
  webcrypto.subtle.generateKey(algorithm, true, [
    'sign',
    'verify',
  ]) as Promise<webcrypto.CryptoKeyPair>

function validity() {
  const now = Date.now()
  return { notBefore: new Date(now - 60_000), notAfter: new Date(now + 3_600_000) }
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  side: { authority: Authority; tokens: (string | undefined)[]; address: string; type: string },
): Promise<void> {
  const body = await text(request)
  const expirationTime = validity().notAfter.toISOString()
  response.setHeader('content-type', 'application/json')
  if (request.url?.endsWith('/connectSettings')) {
    response.end(JSON.stringify(connectSettings(side, expirationTime)))
  } else if (request.url?.endsWith(':generateEphemeralCert')) {
    const { public_key, access_token } = JSON.parse(body) as Record<string, string>
    side.tokens.push(access_token)
    const key = await importRsaKey(createPublicKey(public_key ?? ''))
    const cert = await side.authority.sign('CN=client', key)
    response.end(JSON.stringify({ ephemeralCert: { cert, expirationTime } }))
  } else {
    response.writeHead(404).end('{}')
  }
}

function connectSettings(
  { authority, address, type }: { authority: Authority; address: string; type: string },
  expirationTime: string,
) {
  return {
    kind: 'sql#connectSettings',
    region: 'r',
    databaseVersion: 'POSTGRES_18',
    backendType: 'SECOND_GEN',
    ipAddresses:
      type === 'PSC' ? [] : [{ type: type === 'PUBLIC' ? 'PRIMARY' : type, ipAddress: address }],
    ...(type === 'PSC' && { pscEnabled: true, dnsName: address }),
    serverCaCert: { cert: authority.certificate.toString('pem'), expirationTime },
  }
}

function importRsaKey(key: KeyObject) {
  const spki = key.export({ type: 'spki', format: 'der' })
  const rsa = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }
  return webcrypto.subtle.importKey('spki', new Uint8Array(spki), rsa, true, ['verify'])
}

async function startProxy(
  authority: Authority,
  { databaseUrl, address }: { databaseUrl: string; address: string },
  sockets: Set<Socket>,
) {
  const keys = await createKeys()
  const der = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey)
  const proxy = createTlsServer(
    {
      key: `-----BEGIN PRIVATE KEY-----\n${Buffer.from(der).toString('base64')}\n-----END PRIVATE KEY-----\n`,
      cert: await authority.sign('CN=p:i', keys.publicKey),
      ca: [authority.certificate.toString('pem')],
      requestCert: true,
      rejectUnauthorized: true,
      minVersion: 'TLSv1.3',
    },
    (client) => {
      const server = connect(serverAt(databaseUrl))
      sockets.add(client)
      client.on('close', () => {
        sockets.delete(client)
        server.destroy()
      })
      client.on('error', () => server.destroy())
      server.on('error', () => client.destroy())
      server.on('close', () => client.destroy())
      client.pipe(server).pipe(client)
    },
  )
  await new Promise<void>((listening, failed) => {
    proxy.once('error', failed).listen(port, address, listening)
  })
  return proxy
}

/** The connector takes a client of Google's own library only, and brings that library itself. */
function fakeCredentials(): ConnectorOptions['auth'] {
  const fromConnector = createRequire(import.meta.resolve('@google-cloud/cloud-sql-connector'))
  const { OAuth2Client } = fromConnector('google-auth-library') as {
    OAuth2Client: new () => { setCredentials(tokens: object): void }
  }
  const auth = new OAuth2Client()
  auth.setCredentials({ access_token: 'stand-in-token', expiry_date: Date.now() + 3_600_000 })
  return auth as unknown as ConnectorOptions['auth']
}
