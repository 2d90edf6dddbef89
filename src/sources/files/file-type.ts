/*
 * The allow-list of local files, and the language that names their code block. One table, so that what a
 * guideline may name, what the upload page takes and how it is shown cannot drift apart.
 */
const languages: Readonly<Record<string, string>> = {
  md: 'markdown',
  markdown: 'markdown',
  mdx: 'markdown',
  txt: 'text',
  text: 'text',
  log: 'text',
  rst: 'rst',
  adoc: 'asciidoc',
  org: 'org',
  tex: 'latex',
  bib: 'bibtex',
  ipynb: 'json',
  csv: 'csv',
  tsv: 'tsv',
  json: 'json',
  jsonl: 'json',
  ndjson: 'json',
  yaml: 'yaml',
  yml: 'yaml',
  toml: 'toml',
  ini: 'ini',
  cfg: 'ini',
  conf: 'text',
  properties: 'properties',
  xml: 'xml',
  html: 'html',
  htm: 'html',
  css: 'css',
  scss: 'scss',
  less: 'less',
  svelte: 'svelte',
  vue: 'vue',
  py: 'python',
  pyi: 'python',
  js: 'javascript',
  mjs: 'javascript',
  cjs: 'javascript',
  jsx: 'jsx',
  ts: 'typescript',
  mts: 'typescript',
  cts: 'typescript',
  tsx: 'tsx',
  sql: 'sql',
  graphql: 'graphql',
  proto: 'protobuf',
  sh: 'bash',
  bash: 'bash',
  zsh: 'bash',
  fish: 'fish',
  ps1: 'powershell',
  bat: 'bat',
  r: 'r',
  rmd: 'markdown',
  qmd: 'markdown',
  jl: 'julia',
  m: 'matlab',
  java: 'java',
  kt: 'kotlin',
  kts: 'kotlin',
  scala: 'scala',
  groovy: 'groovy',
  clj: 'clojure',
  go: 'go',
  rs: 'rust',
  c: 'c',
  h: 'c',
  cc: 'cpp',
  cpp: 'cpp',
  cxx: 'cpp',
  hpp: 'cpp',
  cs: 'csharp',
  fs: 'fsharp',
  swift: 'swift',
  rb: 'ruby',
  php: 'php',
  pl: 'perl',
  lua: 'lua',
  ex: 'elixir',
  exs: 'elixir',
  erl: 'erlang',
  hs: 'haskell',
  ml: 'ocaml',
  dart: 'dart',
  zig: 'zig',
  tf: 'hcl',
  hcl: 'hcl',
  nix: 'nix',
  diff: 'diff',
  patch: 'diff',
  vtt: 'text',
  srt: 'text',
}

const bareNames: Readonly<Record<string, string>> = {
  dockerfile: 'dockerfile',
  makefile: 'makefile',
  readme: 'text',
  license: 'text',
  notice: 'text',
  changelog: 'text',
  authors: 'text',
  contributing: 'text',
  copying: 'text',
  procfile: 'text',
  gemfile: 'ruby',
  rakefile: 'ruby',
  jenkinsfile: 'groovy',
  justfile: 'makefile',
}

const mediaTypes: Readonly<Record<string, string>> = {
  markdown: 'text/markdown',
  csv: 'text/csv',
  tsv: 'text/tab-separated-values',
  html: 'text/html',
  xml: 'application/xml',
  css: 'text/css',
  javascript: 'text/javascript',
  yaml: 'application/yaml',
}

export interface FileType {
  /** How the content becomes Markdown: as it is, through the notebook reader, or as a code block. */
  form: 'markdown' | 'notebook' | 'code'
  language: string
  mediaType: string
}

/** The extension in lower case without its dot, or '' when there is none. */
export const extensionOf = (name: string): string =>
  /[^/\\]\.([a-z0-9]{1,12})$/i.exec(name)?.[1]?.toLowerCase() ?? ''

/** What a file is by its name, or null when files of this type are not taken. */
export function fileTypeOf(name: string): FileType | null {
  const extension = extensionOf(name)
  if (extension === 'ipynb') {
    return { form: 'notebook', language: 'json', mediaType: 'application/x-ipynb+json' }
  }
  const known = extension ? languages[extension] : bareNames[name.toLowerCase()]
  if (known === undefined) return null
  const mediaType = extension.startsWith('json')
    ? 'application/json'
    : (mediaTypes[known] ?? 'text/plain')
  return { form: known === 'markdown' ? 'markdown' : 'code', language: known, mediaType }
}

/** Documents that are read where pages are read; as text they would be noise. */
const documents: Readonly<Record<string, { mediaType: string; signature: string }>> = {
  pdf: { mediaType: 'application/pdf', signature: 'a PDF document' },
  docx: {
    mediaType: 'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
    signature: 'a ZIP archive',
  },
}

/** What a document is by its name, and what its bytes begin like; null for any other file. */
export const documentTypeOf = (name: string): { mediaType: string; signature: string } | null =>
  documents[extensionOf(name)] ?? null

/** The extensions of local files that are taken, without dots, for the upload page's file picker. */
export const takenExtensions: readonly string[] = [
  ...Object.keys(languages),
  ...Object.keys(documents),
]
