const words: Readonly<Record<string, string>> = {
  EACCES: 'permission is denied',
  EADDRNOTAVAIL: 'this machine has no such address',
  EAI_AGAIN: 'its name cannot be looked up',
  EBUSY: 'it is in use',
  EDQUOT: 'the disk quota is used up',
  EEXIST: 'a file of that name is in the way',
  EIO: 'the disk cannot be read or written',
  EISDIR: 'it is a folder and no file',
  ELOOP: 'its symbolic links lead in a circle',
  EMFILE: 'this process has too many files open',
  ENAMETOOLONG: 'the name is too long',
  ENFILE: 'this machine has too many files open',
  ENOENT: 'there is no such file or folder',
  ENOSPC: 'the disk is full',
  ENOTDIR: 'a part of the path is a file and no folder',
  ENOTFOUND: 'its name is unknown',
  EPERM: 'the system does not allow it',
  EROFS: 'the file system is read-only',
}

/** What the machine refused, in words; undefined for any other error. */
export function systemProblem(error: unknown): string | undefined {
  if (!(error instanceof Error && 'syscall' in error && 'code' in error)) return undefined
  return words[String(error.code)]
}
