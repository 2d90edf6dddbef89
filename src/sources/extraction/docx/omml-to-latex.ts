import { XMLParser } from 'fast-xml-parser'

/** An element of an equation as the parser gives it: one key with its children, and its attributes. */
type Node = Record<string, unknown>

const parser = new XMLParser({
  preserveOrder: true,
  ignoreAttributes: false,
  attributeNamePrefix: '',
  removeNSPrefix: true,
  trimValues: false,
  parseTagValue: false,
  htmlEntities: true,
  maxNestedTags: 200,
})

/** An equation of Word (`m:oMath`, as XML) as LaTeX. What is nested too deep, or no XML, gives its characters in a row. */
export function ommlToLatex(xml: string): string {
  try {
    return sequence(parser.parse(xml) as Node[]).trim()
  } catch {
    return [...xml.matchAll(/<m:t(?:\s[^>]*)?>([^<]*)<\/m:t>/g)]
      .map(([, text = '']) => text)
      .join('')
  }
}

const nameOf = (node: Node): string => Object.keys(node).find((key) => key !== ':@') ?? ''

function childrenOf(node: Node): Node[] {
  const held = node[nameOf(node)]
  return Array.isArray(held) ? (held as Node[]) : []
}

const child = (node: Node, name: string): Node | undefined =>
  childrenOf(node).find((inner) => nameOf(inner) === name)

const part = (node: Node, name: string): string => {
  const inner = child(node, name)
  return inner ? sequence(childrenOf(inner)).trim() : ''
}

/** A property such as `<m:chr m:val="∑"/>`; undefined when it is not set. */
function property(node: Node, name: string): string | undefined {
  const properties = child(node, `${nameOf(node)}Pr`)
  const found = properties && child(properties, name)
  const attributes = found?.[':@'] as Record<string, unknown> | undefined
  return found ? String(attributes?.val ?? '') : undefined
}

const isOn = (value: string | undefined): boolean =>
  value !== undefined && !/^(?:0|off|false)$/.test(value)

function sequence(nodes: readonly Node[]): string {
  let out = ''
  for (const node of nodes) {
    const next = written(node)
    // `\sin` and a letter behind it would be one command.
    out += /\\[a-z]+$/i.test(out) && /^[a-z]/i.test(next) ? ` ${next}` : next
  }
  return out
}

const ignored = /^(?:del|moveFrom|rPr|ctrlPr|.*Pr)$/

function written(node: Node): string {
  const name = nameOf(node)
  if (name === '#text') return ''
  const write = writers[name]
  if (write) return write(node)
  return ignored.test(name) ? '' : sequence(childrenOf(node))
}

const writers: Readonly<Record<string, (node: Node) => string>> = {
  r: run,
  f: fraction,
  sSup: (node) => `${base(part(node, 'e'))}^{${part(node, 'sup')}}`,
  sSub: (node) => `${base(part(node, 'e'))}_{${part(node, 'sub')}}`,
  sSubSup: (node) => `${base(part(node, 'e'))}_{${part(node, 'sub')}}^{${part(node, 'sup')}}`,
  sPre: (node) => `{}_{${part(node, 'sub')}}^{${part(node, 'sup')}}${part(node, 'e')}`,
  rad(node) {
    const degree = isOn(property(node, 'degHide')) ? '' : part(node, 'deg')
    return `\\sqrt${degree ? `[${degree}]` : ''}{${part(node, 'e')}}`
  },
  nary,
  d: delimited,
  func(node) {
    const name = part(node, 'fName')
    const known =
      /^(?:sin|cos|tan|cot|sec|csc|sinh|cosh|tanh|arcsin|arccos|arctan|log|ln|lg|exp|lim|max|min|sup|inf|det|dim|gcd|ker|arg|deg|Pr)\b/
    return `${known.test(name) ? `\\${name}` : name} ${part(node, 'e')}`
  },
  limLow: (node) => `${limit(part(node, 'e'))}_{${part(node, 'lim')}}`,
  limUpp: (node) => `\\overset{${part(node, 'lim')}}{${part(node, 'e')}}`,
  acc: (node) => `${accents[property(node, 'chr') ?? '\u0302'] ?? '\\hat'}{${part(node, 'e')}}`,
  bar: (node) => `\\${property(node, 'pos') === 'top' ? 'over' : 'under'}line{${part(node, 'e')}}`,
  groupChr(node) {
    const isTop = property(node, 'pos') === 'top'
    return `\\${isTop ? 'over' : 'under'}brace{${part(node, 'e')}}`
  },
  borderBox: (node) => `\\boxed{${part(node, 'e')}}`,
  m(node) {
    const rows = childrenOf(node).filter((row) => nameOf(row) === 'mr')
    return `\\begin{matrix}${rows.map((row) => elements(row).join(' & ')).join(' \\\\ ')}\\end{matrix}`
  },
  eqArr: (node) => `\\begin{aligned}${elements(node).join(' \\\\ ')}\\end{aligned}`,
}

const elements = (node: Node): string[] =>
  childrenOf(node)
    .filter((inner) => nameOf(inner) === 'e')
    .map((inner) => sequence(childrenOf(inner)).trim())

/** One character stands for itself; more are put together, so that a power is of all of them. */
const base = (text: string): string =>
  /^(?:.|\\[a-z]+)$/iu.test(text) || /^\\(?:left)?[(|]/.test(text) || /^\([^()]*\)$/.test(text)
    ? text
    : `{${text}}`

function run(node: Node): string {
  const text = childrenOf(node)
    .filter((inner) => nameOf(inner) === 't')
    .flatMap(childrenOf)
    .map((inner) => String(inner['#text'] ?? ''))
    .join('')
  if (isOn(property(node, 'nor'))) return `\\text{${escaped(text)}}`
  const isBold = /^bi?$/.test(property(node, 'sty') ?? '') && /\p{L}/u.test(text)
  return isBold ? `\\mathbf{${escaped(text)}}` : escaped(text)
}

const escaped = (text: string): string =>
  text
    .replace(/\\/g, '\\backslash ')
    .replace(/[{}%#$_]/g, '\\$&')
    .replace(/\^/g, '\\hat{}')
    .replace(/~/g, '\\sim ')

function fraction(node: Node): string {
  const [above, below] = [part(node, 'num'), part(node, 'den')]
  switch (property(node, 'type')) {
    case 'lin':
    case 'skw':
      return `${base(above)}/${base(below)}`
    case 'noBar':
      return `{${above} \\atop ${below}}`
    default:
      return `\\frac{${above}}{${below}}`
  }
}

const operators: Readonly<Record<string, string>> = {
  '∑': '\\sum',
  '∏': '\\prod',
  '∐': '\\coprod',
  '∫': '\\int',
  '∬': '\\iint',
  '∭': '\\iiint',
  '∮': '\\oint',
  '⋃': '\\bigcup',
  '⋂': '\\bigcap',
  '⋁': '\\bigvee',
  '⋀': '\\bigwedge',
}

function nary(node: Node): string {
  const sign = property(node, 'chr') || '∫'
  const sub = isOn(property(node, 'subHide')) ? '' : part(node, 'sub')
  const sup = isOn(property(node, 'supHide')) ? '' : part(node, 'sup')
  const limits = `${sub && `_{${sub}}`}${sup && `^{${sup}}`}`
  return `${operators[sign] ?? sign}${limits} ${part(node, 'e')}`
}

function delimited(node: Node): string {
  const [open, close] = [property(node, 'begChr') ?? '(', property(node, 'endChr') ?? ')']
  const inner = elements(node).join(property(node, 'sepChr') ?? '|')
  const isHigh = /\\(?:frac|sum|int|prod|begin|sqrt|atop)/.test(inner)
  const mark = (sign: string) => (/^[{}]$/.test(sign) ? `\\${sign}` : sign)
  return isHigh
    ? `\\left${mark(open) || '.'}${inner}\\right${mark(close) || '.'}`
    : `${mark(open)}${inner}${mark(close)}`
}

const limit = (name: string): string =>
  /^(?:lim|max|min|sup|inf)$/.test(name) ? `\\${name}` : name

const accents: Readonly<Record<string, string>> = {
  '\u0302': '\\hat',
  '\u0303': '\\tilde',
  '\u0304': '\\bar',
  '\u0305': '\\overline',
  '\u0307': '\\dot',
  '\u0308': '\\ddot',
  '\u030c': '\\check',
  '\u0306': '\\breve',
  '\u20d7': '\\vec',
}
