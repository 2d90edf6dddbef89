/** What a pair of bytes is in an encoding: a character that texts are made of, a mark, one that is hardly used, or none. */
type Sort = 'common' | 'mark' | 'rare' | null

interface Family {
  encoding: string
  sortOf: (lead: number, trail: number) => Sort
  /** Bytes above ASCII that are characters of their own. */
  isSingle?: (byte: number) => boolean
  /** Kana are in every Japanese text, so their share is asked for. */
  kana?: (lead: number, trail: number) => boolean
}

const within = (byte: number, from: number, to: number) => byte >= from && byte <= to

/** The first planes of these character sets hold the characters in daily use, in blocks of their own. */
const families: readonly Family[] = [
  {
    encoding: 'gb18030',
    sortOf(lead, trail) {
      if (!within(lead, 0x81, 0xfe) || !within(trail, 0x40, 0xfe) || trail === 0x7f) return null
      if (trail < 0xa1) return 'rare'
      if (within(lead, 0xb0, 0xd7)) return 'common'
      return lead === 0xa1 || lead === 0xa3 ? 'mark' : 'rare'
    },
  },
  {
    encoding: 'euc-kr',
    sortOf(lead, trail) {
      if (!within(lead, 0x81, 0xfe) || !within(trail, 0x41, 0xfe)) return null
      if (trail < 0xa1) return 'rare'
      if (within(lead, 0xb0, 0xc8)) return 'common'
      return within(lead, 0xa1, 0xa3) ? 'mark' : 'rare'
    },
  },
  {
    encoding: 'big5',
    sortOf(lead, trail) {
      const isTrail = within(trail, 0x40, 0x7e) || within(trail, 0xa1, 0xfe)
      if (!within(lead, 0x81, 0xfe) || !isTrail) return null
      if (within(lead, 0xa4, 0xc6)) return 'common'
      return within(lead, 0xa1, 0xa3) ? 'mark' : 'rare'
    },
  },
  {
    encoding: 'euc-jp',
    kana: (lead) => lead === 0xa4 || lead === 0xa5,
    sortOf(lead, trail) {
      if (!within(trail, 0xa1, 0xfe) || !(lead === 0x8e || within(lead, 0xa1, 0xfe))) return null
      if (lead === 0xa4 || lead === 0xa5 || within(lead, 0xb0, 0xcf)) return 'common'
      return lead === 0xa1 || lead === 0xa3 ? 'mark' : 'rare'
    },
  },
  {
    encoding: 'shift_jis',
    isSingle: (byte) => within(byte, 0xa1, 0xdf),
    kana: isShiftJisKana,
    sortOf(lead, trail) {
      const isLead = within(lead, 0x81, 0x9f) || within(lead, 0xe0, 0xfc)
      if (!isLead || !within(trail, 0x40, 0xfc) || trail === 0x7f) return null
      if (isShiftJisKana(lead, trail) || within(lead, 0x88, 0x98)) return 'common'
      return lead === 0x81 || lead === 0x82 ? 'mark' : 'rare'
    },
  },
]

function isShiftJisKana(lead: number, trail: number): boolean {
  return (lead === 0x82 && trail >= 0x9f) || (lead === 0x83 && trail <= 0x96)
}

/** A third of running text in each script, and hardly one character of any other reading of the same bytes. */
const frequent =
  /[的一是不了在人有我他这這個个们們中来來上大为為和国國地到以说說时時要就出会會可也你对對生能而子那得于於着著下自之年过過发發后後作里裡用道行所然家种種事成方多经經么麼去法学學如都同现現当當没沒动動面起看定天分还還进進好小部其些主样樣理心她本前开開但因只从從想实實目录錄文件数數据據三二第이다는의에을를하고가지한로은기도사아리자어대서나해정일그시인으수보\u3041-\u3093]/gu

const sampleBytes = 200_000
const shareMin = 0.85

/** The encoding of a text in Chinese, Japanese or Korean, or null. Two characters are enough, in code too. */
export function cjkEncoding(bytes: Uint8Array): string | null {
  const sample = bytes.subarray(0, sampleBytes)
  let best: { encoding: string; score: number } | null = null
  for (const family of families) {
    const score = scoreOf(sample, family)
    if (score !== null && (!best || score > best.score)) best = { encoding: family.encoding, score }
  }
  return best?.encoding ?? null
}

function scoreOf(bytes: Uint8Array, family: Family): number | null {
  const seen = pairsIn(bytes, family)
  if (!seen || seen.pairs < 2) return null
  const share = (seen.pairs - seen.rare) / seen.pairs
  if (share < shareMin || seen.common === 0) return null
  // In Western text curly quotes and a letter make a pair now and then, and never two pairs in a row.
  if (family.kana && seen.kana / seen.pairs < 0.1 && seen.pairs / seen.runs < 2) return null
  if (family.encoding === 'euc-jp' && seen.kana === 0) return null
  const text = new TextDecoder(family.encoding).decode(bytes)
  return share + (text.match(frequent)?.length ?? 0) / seen.pairs
}

interface Pairs {
  pairs: number
  common: number
  rare: number
  kana: number
  /** Stretches of pairs with ASCII between them. */
  runs: number
}

function pairsIn(bytes: Uint8Array, { sortOf, isSingle, kana }: Family): Pairs | null {
  const seen: Pairs = { pairs: 0, common: 0, rare: 0, kana: 0, runs: 0 }
  let isInRun = false
  for (let at = 0; at < bytes.length; at += 1) {
    const lead = bytes[at] ?? 0
    if (lead < 0x80) {
      isInRun = false
      continue
    }
    if (!isInRun) seen.runs += 1
    isInRun = true
    seen.pairs += 1
    if (isSingle?.(lead)) {
      seen.rare += 1
      continue
    }
    const trail = bytes[at + 1]
    // The sample may end within a character.
    if (trail === undefined) break
    const sort = sortOf(lead, trail)
    if (sort === null) return null
    if (sort !== 'mark') seen[sort] += 1
    if (kana?.(lead, trail)) seen.kana += 1
    at += 1
  }
  return seen
}
