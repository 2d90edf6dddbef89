import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Nova } from '../../compose/compose.ts'
import { type Config, userDataDir } from '../../config.ts'

/** Where versions before this kept their data: below the folder they were started in. */
const former = '.nova'

/** Where a process keeps its data, and a note when data of an earlier version lie in the current folder unused. */
export function dataFolderLines(
  nova: Pick<Nova, 'usesDataDir'>,
  { NOVA_DATA_DIR }: Config,
): { folder?: string; note?: string } {
  if (!nova.usesDataDir) return {}
  const folder = resolve(NOVA_DATA_DIR)
  const isLeft = ['postgres', 'link-key'].some((name) => existsSync(join(former, name)))
  if (!isLeft || folder !== userDataDir() || folder === resolve(former)) return { folder }
  const path = resolve(former)
  return {
    folder,
    note: `${path} holds data of an earlier start and is not used; to go on with it, set NOVA_DATA_DIR=${path}`,
  }
}
