import { z } from 'zod'
import { articleId, waitSeconds } from '../../protocol/arguments.ts'
import { defineTool } from '../../protocol/define-tool.ts'
import { operationSchema } from '../../runs/operation-answer.ts'
import { runSlowTool, slowHints } from '../../runs/slow-tool.ts'

/** Transcribes the videos that the guideline names. */
export const transcribeYoutubeUrls = defineTool({
  name: 'transcribe_youtube_urls',
  title: 'Transcribe the videos of the guideline',
  description:
    'Get the transcript of every YouTube video that the guideline links to. Call after extract_guidelines_urls; may run at the same time as the other reading tools. Returns each video with its state.',
  input: z.strictObject({ article_id: articleId(), wait_seconds: waitSeconds() }),
  output: operationSchema(),
  hints: slowHints,
  scope: 'nova:write',
  run: (args, context) =>
    runSlowTool(context, {
      tool: 'transcribe_youtube_urls',
      articleId: args.article_id,
      waitSeconds: args.wait_seconds,
    }),
})
