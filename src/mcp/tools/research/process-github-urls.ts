import { defineReadingTool } from '../../runs/slow-tool.ts'

/** Reads the GitHub links that the guideline names. */
export const processGithubUrls = defineReadingTool({
  name: 'process_github_urls',
  title: 'Read the repositories of the guideline',
  description:
    'Fetch every GitHub repository, folder, file and gist that the guideline links to, as one readable document each. Call after extract_guidelines_urls; may run at the same time as the other reading tools. Returns each link with its state.',
})
