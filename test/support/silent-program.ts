// Says one thing on either side, and then nothing, for ever.
process.stderr.write('I am stuck\n', () => console.log('"begun"'))
process.stdin.resume()
setInterval(() => {}, 60_000)
