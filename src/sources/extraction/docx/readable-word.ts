import type { ZipArchive } from '../../files/zip-archive.ts'
import { numberedParagraphs, type ParagraphNumber } from './numbered-paragraphs.ts'
import { ommlToLatex } from './omml-to-latex.ts'

/** A Word document in the words that its reader knows, and how what it does not know gets back in. */
export interface ReadableWord {
  /** Parts of the archive to be replaced. */
  changes: Map<string, string>
  /** Puts equations and numbers into the reader's HTML. */
  restore: (html: string) => string
  /** What is left out of the text, one sentence each. */
  notes: string[]
}

/** Stand around what is put back; a text of others holds neither, since they are taken out of it first. */
const open = '\uE010'
const close = '\uE011'
const marks = /[\uE010\uE011]/g

interface Equation {
  latex: string
  isBlock: boolean
}

/**
 * The reader knows no equations, no simple fields and no counting: an equation, a link written as a field and a list that
 * goes on were silently lost or began anew at 1. Each is written in words that it knows, or marked and put back.
 */
export function readableWord(archive: ZipArchive): ReadableWord {
  const equations: Equation[] = []
  const numbers: ParagraphNumber[] = []
  const changes = new Map<string, string>()
  const numbering = archive.text('word/numbering.xml')
  const counted = numberedParagraphs(numbering ?? '', archive.text('word/styles.xml') ?? '')
  for (const name of archive.names.filter((one) => textParts.test(one))) {
    const xml = archive.text(name)
    if (xml === null) continue
    let text = xml.replace(marks, '')
    text = withTextBoxes(text)
    text = withEquations(text, equations)
    text = withFields(text)
    text = withRuby(text)
    if (/document\d*\.xml$/.test(name)) text = withNumbers(text, counted.next, numbers)
    if (text !== xml) changes.set(name, text)
  }
  if (numbering !== null && numbers.some(({ ordinal }) => ordinal === null)) {
    changes.set('word/numbering.xml', withLabelsAsBullets(numbering))
  }
  return {
    changes,
    restore: (html) => restored(html, equations, numbers),
    notes: leftOut(archive),
  }
}

const textParts = /^word\/(?:document\d*|footnotes|endnotes)\.xml$/

const run = (text: string): string => `<w:r><w:t xml:space="preserve">${text}</w:t></w:r>`

function withEquations(xml: string, equations: Equation[]): string {
  const marked = (equation: string, isBlock: boolean) => {
    equations.push({ latex: ommlToLatex(equation), isBlock })
    return run(`${open}M${equations.length - 1}${close}`)
  }
  return xml
    .replace(/<m:oMathPara(?:\s[^>]*)?>([\s\S]*?)<\/m:oMathPara>/g, (_all, inner: string) =>
      inner
        .replace(equation, (one) => marked(one, true))
        .replace(/<m:oMathParaPr>[\s\S]*?<\/m:oMathParaPr>/g, ''),
    )
    .replace(equation, (one) => marked(one, false))
}

const equation = /<m:oMath(?:\s[^>]*)?>[\s\S]*?<\/m:oMath>/g

/** A simple field is the short form of one in several runs, which the reader knows. */
function withFields(xml: string): string {
  let text = xml
  // Innermost first; fields within fields are rare, and deep ones are none.
  for (let depth = 0; depth < 4 && text.includes('<w:fldSimple'); depth += 1) {
    text = text.replace(
      simpleField,
      (_all, instruction: string, shown = '') =>
        `${field('begin')}<w:r><w:instrText xml:space="preserve">${instruction}</w:instrText></w:r>${field('separate')}${shown}${field('end')}`,
    )
  }
  return text.replace(
    /(<w:instrText(?:\s[^>]*)?>)([^<]*)(?=<\/w:instrText>)/g,
    (_all, tag: string, instruction: string) => tag + withoutSwitches(instruction),
  )
}

const simpleField =
  /<w:fldSimple\s[^>]*?w:instr="([^"]*)"[^>]*?(?:\/>|>((?:(?!<w:fldSimple)[\s\S])*?)<\/w:fldSimple>)/g

const field = (type: string): string => `<w:r><w:fldChar w:fldCharType="${type}"/></w:r>`

/** The reader takes everything up to the last quotation mark for the address: tips, frames and places go, or into it. */
function withoutSwitches(instruction: string): string {
  if (!/^\s*HYPERLINK\s/.test(instruction)) return instruction
  const quoted = `(?:"[^"]*"|&quot;(?:(?!&quot;).)*&quot;)`
  const place = new RegExp(`\\\\l\\s+(${quoted})`).exec(instruction)?.[1]
  const address = new RegExp(`^\\s*HYPERLINK\\s+(${quoted}|[^\\s\\\\"&]\\S*)`).exec(
    instruction,
  )?.[1]
  const bare = (text: string) => text.replace(/^(?:"|&quot;)|(?:"|&quot;)$/g, '')
  if (address === undefined)
    return place === undefined ? instruction : ` HYPERLINK \\l "${bare(place)}" `
  return ` HYPERLINK "${bare(address)}${place === undefined ? '' : `#${bare(place)}`}" `
}

/** The reading of a word goes behind it, in brackets as a book without ruby has it. */
const withRuby = (xml: string): string =>
  xml.replace(/<w:ruby>([\s\S]*?)<\/w:ruby>/g, (_all, inner: string) => {
    const textOf = (part: string) => {
      const held = new RegExp(`<w:${part}>([\\s\\S]*?)</w:${part}>`).exec(inner)?.[1] ?? ''
      return [...held.matchAll(/<w:t(?:\s[^>]*)?>([^<]*)<\/w:t>/g)].map(([, text]) => text).join('')
    }
    const reading = textOf('rt')
    return `<w:t xml:space="preserve">${textOf('rubyBase')}${reading && `(${reading})`}</w:t>`
  })

const choice =
  /<mc:AlternateContent(?:\s[^>]*)?>(?:(?!<mc:AlternateContent)[\s\S])*?<\/mc:AlternateContent>/g
const boxed = /<w:txbxContent(?:\s[^>]*)?>[\s\S]*?<\/w:txbxContent>/g

/** The reader takes the old form of a text box; a document may hold the new one only. */
function withTextBoxes(xml: string): string {
  const oldForm = (content: readonly string[]) =>
    `<w:pict><v:shape xmlns:v="urn:schemas-microsoft-com:vml"><v:textbox>${content.join('')}</v:textbox></v:shape></w:pict>`
  return xml
    .replace(choice, (all) => {
      const fallback = /<mc:Fallback(?:\s[^>]*)?>[\s\S]*<\/mc:Fallback>/.exec(all)?.[0] ?? ''
      const boxes = all.replace(fallback, '').match(boxed)
      return boxes && !/<w:txbxContent/.test(fallback) ? oldForm(boxes) : all
    })
    .replace(
      /<w:drawing>(?:(?!<\/w:drawing>)[\s\S])*?<\/w:drawing>/g,
      (all, at: number, whole: string) => {
        const boxes = all.match(boxed)
        if (!boxes) return all
        const isChoice = whole.lastIndexOf('<mc:Choice', at) > whole.lastIndexOf('</mc:Choice>', at)
        return isChoice ? all : oldForm(boxes)
      },
    )
}

const paragraph =
  /<mc:Choice[\s>]|<\/mc:Choice>|<w:p(?:\s[^>]*)?>(?:\s*<w:pPr(?:\s[^>]*)?>([\s\S]*?)<\/w:pPr>)?/g

function withNumbers(
  xml: string,
  next: (properties: string) => ParagraphNumber | null,
  numbers: ParagraphNumber[],
): string {
  const plain = xml.replace(/<w:pPrChange\s[\s\S]*?<\/w:pPrChange>/g, '')
  let choices = 0
  return plain.replace(paragraph, (all, properties: string | undefined) => {
    if (all.startsWith('<mc:Choice')) choices += 1
    else if (all.startsWith('</mc:Choice')) choices -= 1
    // What a choice holds stands in its fallback once more.
    else if (choices === 0 && !all.endsWith('/>')) {
      const number = next(properties ?? '')
      if (number) {
        numbers.push(number)
        return all + run(`${open}N${numbers.length - 1}${close}`)
      }
    }
    return all
  })
}

/** A level that Markdown cannot number has its labels in its text, under bullets. */
const withLabelsAsBullets = (numbering: string): string =>
  numbering.replace(/<w:lvl\s[\s\S]*?<\/w:lvl>/g, (level) => {
    const format = /<w:numFmt\s[^>]*?w:val="([^"]*)"/.exec(level)?.[1] ?? 'decimal'
    const pattern = /<w:lvlText\s[^>]*?w:val="([^"]*)"/.exec(level)?.[1] ?? '%1.'
    const isPlain = format === 'decimal' && /^%\d[.)]?$/.test(pattern)
    return isPlain ? level : level.replace(/(<w:numFmt\s[^>]*?w:val=")[^"]*"/, '$1bullet"')
  })

function restored(
  html: string,
  equations: readonly Equation[],
  numbers: readonly ParagraphNumber[],
): string {
  return html
    .replace(
      /<ol>(<li>(?:<a id="[^"]*"><\/a>)*)\uE010N(\d+)\uE011/g,
      (_all, item: string, at: string) => {
        const ordinal = numbers[Number(at)]?.ordinal ?? 1
        return `${ordinal === 1 ? '<ol>' : `<ol start="${ordinal}">`}${item}`
      },
    )
    .replace(
      /(<li>(?:<a id="[^"]*"><\/a>)*)?\uE010N(\d+)\uE011/g,
      (_all, item = '', at: string) => {
        const number = numbers[Number(at)]
        return number && (item === '' || number.ordinal === null)
          ? `${item}${inHtml(number.label)} `
          : item
      },
    )
    .replace(/\uE010M(\d+)\uE011/g, (_all, at: string) => {
      const { latex, isBlock } = equations[Number(at)] ?? { latex: '', isBlock: false }
      const display = isBlock ? 'block' : 'inline'
      return (
        latex && `<math data-latex="${inHtml(latex)}" display="${display}">${inHtml(latex)}</math>`
      )
    })
    .replace(marks, '')
}

const inHtml = (text: string): string =>
  text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/"/g, '&quot;')

/** What a document holds beside its text, by the names of its parts and of its elements. */
function leftOut(archive: ZipArchive): string[] {
  const partsLike = (pattern: RegExp) => archive.names.filter((name) => pattern.test(name)).length
  const comments = archive.text('word/comments.xml')?.match(/<w:comment[\s>]/g)?.length ?? 0
  const counts: [number, string][] = [
    [comments, 'comments'],
    [partsLike(/^word\/charts\/chart\d*\.xml$/), 'charts'],
    [partsLike(/^word\/diagrams\/data\d*\.xml$/), 'diagrams'],
    [partsLike(/^word\/embeddings\//), 'embedded objects'],
    [partsLike(/^word\/afchunk/i), 'inserted documents'],
  ]
  return counts
    .filter(([count]) => count > 0)
    .map(([count, what]) => `${count} ${what} were left out.`)
}
