/** Variables by which programs find the folders they keep things in; the names of those folders in a run's own. */
export const folderNames = {
  TMPDIR: 'tmp',
  HOME: 'home',
  XDG_CACHE_HOME: 'cache',
  XDG_CONFIG_HOME: 'config',
  XDG_DATA_HOME: 'data',
  XDG_STATE_HOME: 'state',
  NODE_COMPILE_CACHE: 'compiled',
}

/** What a child process gets of this one's environment besides its settings. */
export function folderEnvironment(): Record<string, string> {
  const names = ['PATH', ...Object.keys(folderNames)]
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = process.env[name]
      return value === undefined ? [] : [[name, value]]
    }),
  )
}
