export function transcribePrompt() {
  return { instructions: '', prompt: '' }
}
export function searchPrompt(query: string) {
  return { instructions: '', prompt: query }
}
