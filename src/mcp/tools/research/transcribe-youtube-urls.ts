import { defineReadingTool } from '../../runs/slow-tool.ts'

/** Transcribes the videos that the guideline names. */
export const transcribeYoutubeUrls = defineReadingTool({
  name: 'transcribe_youtube_urls',
  title: 'Transcribe the videos of the guideline',
  description:
    'Get the transcript of every YouTube video that the guideline links to. Call after extract_guidelines_urls; may run at the same time as the other reading tools. Returns each video with its state.',
})
