declare module 'html-encoding-sniffer' {
  /** The encoding's WHATWG name, or the default as given. */
  const sniffEncoding: (
    bytes: Uint8Array,
    options: { xml?: boolean; transportLayerEncodingLabel?: string; defaultEncoding?: string },
  ) => string
  export = sniffEncoding
}
