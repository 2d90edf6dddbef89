import ignore from 'ignore'
import { visibleText } from '../../visible-text.ts'

export type LeftOutReason =
  | 'generated, vendored or lock file'
  | 'binary'
  | 'too large'
  | 'symbolic link'
  | 'unsafe name'
  | 'over the budget'
  | 'stored elsewhere (Git LFS)'

/** Paths that say nothing about a repository: dependencies, build output, lock files, media. */
const patterns = `
.git/ node_modules/ bower_components/ vendor/bundle/ third_party/ __pycache__/ .venv/ venv/ .tox/ .mypy_cache/
.pytest_cache/ .ruff_cache/ dist/ build/ target/ out/ coverage/ .next/ .nuxt/ .cache/ .idea/ .vscode/ .yarn/
*.pyc *.min.js *.min.css *.map *.lock *.lockb package-lock.json npm-shrinkwrap.json pnpm-lock.yaml go.sum
*.png *.jpg *.jpeg *.gif *.webp *.avif *.ico *.bmp *.tif *.tiff *.svg *.pdf *.zip *.tar *.gz *.tgz *.bz2 *.xz
*.7z *.jar *.so *.dll *.dylib *.exe *.bin *.wasm *.woff *.woff2 *.ttf *.otf *.eot *.mp3 *.mp4 *.mov *.webm *.wav
*.parquet *.sqlite *.db *.pkl *.npy *.npz *.onnx *.pt *.safetensors .DS_Store`

const excluded = ignore().add(patterns.trim().split(/\s+/))

export const isExcludedPath = (path: string): boolean => excluded.ignores(path)

/** A path inside the repository, or null for one that could leave it or deceive a reader. */
export function safePath(name: string): string | null {
  // GitHub puts everything under one folder named after repository and commit.
  const path = name.split('/').slice(1).join('/')
  if (path === '' || path.length > 1000 || name.startsWith('/')) return null
  const unsafe = /[\\\n\t]/.test(path) || visibleText(path) !== path
  const parts = path.split('/')
  const leaves = parts.some((part) => part === '..' || part === '.')
  return unsafe || leaves || parts.length > 40 || !ignore.isPathValid(path) ? null : path
}
