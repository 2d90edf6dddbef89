import { Agent, request } from 'node:http'

/**
 * Calls a tool as one user, on a connection that is kept. False: the server is too busy, it says. Throws Error
 * when the call was not answered well.
 */
export type CallTool = (tool: string) => Promise<boolean>

/** A client with as little of its own as can be, since it shares the cores with what is measured. */
export function callerOf(url: string, token: string): { call: CallTool; close: () => void } {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  const call: CallTool = async (tool) => {
    const body = JSON.stringify({
      jsonrpc: '2.0',
      id: 1,
      method: 'tools/call',
      params: { name: tool, arguments: {}, _meta: meta },
    })
    const answer = await post(url, agent, body, {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      'mcp-protocol-version': revision,
      'mcp-method': 'tools/call',
      'mcp-name': tool,
    })
    if (answer.includes('DATABASE_UNAVAILABLE')) return false
    if (!answer.includes('"structuredContent"')) throw new Error(`${tool} answered: ${answer}`)
    return true
  }
  return { call, close: () => agent.destroy() }
}

const revision = '2026-07-28'
const meta = {
  'io.modelcontextprotocol/protocolVersion': revision,
  'io.modelcontextprotocol/clientInfo': { name: 'bench', version: '1' },
  'io.modelcontextprotocol/clientCapabilities': {},
}

function post(
  url: string,
  agent: Agent,
  body: string,
  headers: Record<string, string>,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const asked = request(url, { method: 'POST', agent, headers }, (response) => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (part: string) => {
        text += part
      })
      response.on('end', () => resolve(text))
      response.on('error', reject)
    })
    asked.on('error', reject)
    asked.end(body)
  })
}

/** All callers call at once, again and again, until so many calls were made; each one's time is in milliseconds. */
export async function callTimes(
  callers: readonly CallTool[],
  tool: string,
  calls: number,
): Promise<{ calls: number; refused: number; seconds: number; times: number[] }> {
  let refused = 0
  const times: number[] = []
  let left = calls
  const begun = performance.now()
  await Promise.all(
    callers.map(async (call) => {
      for (let now = performance.now(); left > 0; ) {
        left -= 1
        if (!(await call(tool))) refused += 1
        const after = performance.now()
        times.push(after - now)
        now = after
      }
    }),
  )
  return { calls, refused, seconds: (performance.now() - begun) / 1000, times }
}
