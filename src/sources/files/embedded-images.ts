const dataImage = /data:image\/[a-z0-9.+-]{1,40}(?:;[a-z0-9=-]{1,40}){0,4},[a-z0-9+/=%_-]{64,}/gi

/** Replaces base64 images by a short note: they are megabytes that no reader of text can use. */
export function withoutEmbeddedImages(text: string): { text: string; removed: number } {
  if (!/data:image\//i.test(text)) return { text, removed: 0 }
  let removed = 0
  const kept = text.replace(dataImage, () => {
    removed += 1
    return '[embedded-image-left-out]'
  })
  return { text: kept, removed }
}
