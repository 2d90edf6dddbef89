const boundary = '----nova-test-boundary'

interface Part {
  field: string
  /** Present for a file. */
  name?: string
  body: string | Uint8Array
}

/** A multipart body as browsers send it, with file names exactly as given. */
export function form(parts: readonly Part[]): {
  payload: Buffer
  headers: { 'content-type': string }
} {
  const chunks = parts.flatMap(({ field, name, body }) => [
    Buffer.from(
      `--${boundary}\r\ncontent-disposition: form-data; name="${field}"${
        name === undefined ? '' : `; filename="${name.replace(/"/g, '%22')}"`
      }\r\n${name === undefined ? '' : 'content-type: application/octet-stream\r\n'}\r\n`,
    ),
    Buffer.from(body),
    Buffer.from('\r\n'),
  ])
  return {
    payload: Buffer.concat([...chunks, Buffer.from(`--${boundary}--\r\n`)]),
    headers: { 'content-type': `multipart/form-data; boundary=${boundary}` },
  }
}

/** One file in the field the pages use. */
export const fileForm = (name: string, body: string | Uint8Array) =>
  form([{ field: 'file', name, body }])
