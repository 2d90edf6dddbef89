/** What a child process is told to measure. */
export type Task =
  | { task: 'pages'; variant: 'nova' | 'readability + turndown' | 'defuddle markdown' }
  | { task: 'repository'; origin: string }
  | { task: 'pdf'; pages: number }
  | {
      task: 'hosts'
      port: number
      hosts: number
      urls: number
      concurrency: number
      perHost: number
    }

export interface TaskResult {
  /** Pages a second for pages, seconds for all else. */
  value: number
  /** The memory of the whole process, Node included. */
  peakMegabytes: number
}
