import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { toNodeHandler } from '@modelcontextprotocol/node'
import { createMcpHandler, McpServer } from '@modelcontextprotocol/server'
import { z } from 'zod'

/*
 * A server of the same SDK with twenty tools that do nothing, for the bench to compare with: no token, no database.
 * Prints its address.
 */

const tools = 20
const input = z.object({
  limit: z.int().min(1).max(100).default(20),
  cursor: z.string().optional(),
})
const output = z.object({ articles: z.array(z.string()), next_cursor: z.string().nullable() })

const handler = createMcpHandler(
  () => {
    const server = new McpServer({ name: 'bare', version: '1' })
    for (let n = 0; n < tools; n += 1) {
      const name = n === 0 ? 'list_articles' : `tool_${n}`
      const description = 'Answers with nothing.'
      server.registerTool(name, { description, inputSchema: input, outputSchema: output }, () => ({
        content: [{ type: 'text', text: 'No articles yet.' }],
        structuredContent: { articles: [], next_cursor: null },
      }))
    }
    return server
  },
  { legacy: 'stateless' },
)

const answer = toNodeHandler(handler)
/** The shape that the SDK's handler takes; Node's own type differs from it in `undefined` only. */
type Asked = Parameters<typeof answer>[0]
const http = createServer((request, response) => {
  void answer(request as unknown as Asked, response)
})
http.listen(0, '127.0.0.1', () => {
  const { port } = http.address() as AddressInfo
  console.log(`MCP http://127.0.0.1:${port}/mcp`)
})
