import { completable, type McpServer, ResourceTemplate } from '@modelcontextprotocol/server'
import { z } from 'zod'
import type { McpFixtures } from '../../src/mcp/protocol/server.ts'
import { mountInputFixtures } from './conformance-input-fixtures.ts'
import { mountTaskFixtures, taskFixtures } from './conformance-task-fixtures.ts'

const pixel =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='
const silence = 'UklGRiQAAABXQVZFZm10IBAAAAABAAEAQB8AAIA+AAACABAAZGF0YQAAAAA='

const text = (words: string) => ({ type: 'text' as const, text: words })
const image = { type: 'image' as const, data: pixel, mimeType: 'image/png' }
const embedded = (uri: string, mimeType: string, words: string) => ({
  type: 'resource' as const,
  resource: { uri, mimeType, text: words },
})

/**
 * The tools, resources and prompts that the official conformance suite calls by name. Their names and
 * words are the suite's; what is under test is the way from the wire to a handler and back.
 */
function mountConformanceFixtures(server: McpServer): void {
  // Deprecated since 2026-07-28, so Nova itself does not offer it.
  server.server.registerCapabilities({ logging: {} })
  mountTools(server)
  mountResources(server)
  mountPrompts(server)
  mountInputFixtures(server)
  mountTaskFixtures(server)
}

export const conformanceFixtures: McpFixtures = {
  mount: mountConformanceFixtures,
  tasks: taskFixtures,
}

function mountTools(server: McpServer): void {
  const answers = {
    test_simple_text: [text('This is a simple text response for testing.')],
    test_image_content: [image],
    test_audio_content: [{ type: 'audio' as const, data: silence, mimeType: 'audio/wav' }],
    test_embedded_resource: [
      embedded('test://embedded-resource', 'text/plain', 'This is an embedded resource content.'),
    ],
    test_multiple_content_types: [
      text('Multiple content types test:'),
      image,
      embedded('test://mixed-content-resource', 'application/json', '{"test":"data","value":123}'),
    ],
  }
  for (const [name, content] of Object.entries(answers)) {
    server.registerTool(name, { description: 'Conformance fixture.' }, () => ({ content }))
  }
  server.registerTool('test_error_handling', { description: 'Conformance fixture.' }, () => {
    throw new Error('This tool intentionally returns an error for testing')
  })
  server.registerTool(
    'test_tool_with_progress',
    { description: 'Conformance fixture.', inputSchema: z.object({}) },
    async (_args, { mcpReq }) => {
      const progressToken = mcpReq._meta?.progressToken ?? 0
      for (const progress of [0, 50, 100]) {
        const params = { progressToken, progress, total: 100, message: `${progress} of 100` }
        await mcpReq.notify({ method: 'notifications/progress', params })
      }
      return { content: [text(`${progressToken}`)] }
    },
  )
  server.registerTool(
    'test_tool_with_logging',
    { description: 'Conformance fixture.', inputSchema: z.object({}) },
    async (_args, { mcpReq }) => {
      for (const data of [
        'Tool execution started',
        'Tool processing data',
        'Tool execution completed',
      ]) {
        await mcpReq.notify({ method: 'notifications/message', params: { level: 'info', data } })
      }
      return { content: [text('done')] }
    },
  )
  server.registerTool(
    'test_logging_tool',
    { description: 'Conformance fixture.' },
    async ({ mcpReq }) => {
      await mcpReq.log('info', 'said only to a client that asked for it')
      return { content: [text('done')] }
    },
  )
}

function mountResources(server: McpServer): void {
  server.registerResource(
    'static-text',
    'test://static-text',
    { mimeType: 'text/plain' },
    ({ href: uri }) => ({
      contents: [
        { uri, mimeType: 'text/plain', text: 'This is the content of the static text resource.' },
      ],
    }),
  )
  server.registerResource(
    'static-binary',
    'test://static-binary',
    { mimeType: 'image/png' },
    ({ href: uri }) => ({ contents: [{ uri, mimeType: 'image/png', blob: pixel }] }),
  )
  server.registerResource(
    'template',
    new ResourceTemplate('test://template/{id}/data', { list: undefined }),
    { mimeType: 'application/json' },
    ({ href: uri }, { id }) => ({
      contents: [
        {
          uri,
          mimeType: 'application/json',
          text: JSON.stringify({ id, templateTest: true, data: `Data for ID: ${id}` }),
        },
      ],
    }),
  )
}

function mountPrompts(server: McpServer): void {
  const user = (content: ReturnType<typeof text> | typeof image | ReturnType<typeof embedded>) => ({
    role: 'user' as const,
    content,
  })
  server.registerPrompt('test_simple_prompt', { description: 'Conformance fixture.' }, () => ({
    messages: [user(text('This is a simple prompt for testing.'))],
  }))
  server.registerPrompt(
    'test_prompt_with_arguments',
    {
      description: 'Conformance fixture.',
      argsSchema: z.object({
        arg1: completable(z.string(), (typed) =>
          ['paris', 'parma'].filter((w) => w.startsWith(typed)),
        ),
        arg2: z.string(),
      }),
    },
    ({ arg1, arg2 }) => ({
      messages: [user(text(`Prompt with arguments: arg1='${arg1}', arg2='${arg2}'`))],
    }),
  )
  server.registerPrompt(
    'test_prompt_with_embedded_resource',
    { description: 'Conformance fixture.', argsSchema: z.object({ resourceUri: z.string() }) },
    ({ resourceUri }) => ({
      messages: [
        user(embedded(resourceUri, 'text/plain', 'Embedded resource content for testing.')),
        user(text('Please process the embedded resource above.')),
      ],
    }),
  )
  server.registerPrompt('test_prompt_with_image', { description: 'Conformance fixture.' }, () => ({
    messages: [user(image), user(text('Please analyze the image above.'))],
  }))
}
