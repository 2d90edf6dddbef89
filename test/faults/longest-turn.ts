/*
 * Loaded into a server by NODE_OPTIONS: measures how long one turn of its event loop works, in processor time
 * of that thread, so that other work on the machine does not matter. SIGUSR2 prints the longest so far, with
 * a running number, and begins anew.
 */
const cpuMs = (): number => {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1000
}

let last = cpuMs()
let longest = 0
let told = 0

setInterval(() => {
  const now = cpuMs()
  longest = Math.max(longest, now - last)
  last = now
}, 5).unref()

process.on('SIGUSR2', () => {
  told += 1
  process.stderr.write(`turn ${told}: ${longest.toFixed(1)} ms\n`)
  longest = 0
})
