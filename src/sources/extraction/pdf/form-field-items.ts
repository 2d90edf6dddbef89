import type { getDocumentProxy } from 'unpdf'
import { z } from 'zod'
import type { TextItem } from './text-item.ts'

type Page = Awaited<ReturnType<Awaited<ReturnType<typeof getDocumentProxy>>['getPage']>>

const words = z.union([z.string(), z.array(z.string()).transform((all) => all.join(', '))])

const annotation = z.object({
  subtype: z.string(),
  rect: z.tuple([z.number(), z.number(), z.number(), z.number()]),
  hidden: z.boolean().optional().catch(undefined),
  fieldType: z.string().nullish().catch(null),
  fieldValue: words.nullish().catch(null),
  buttonValue: z.string().nullish().catch(null),
  exportValue: z.string().nullish().catch(null),
  checkBox: z.boolean().optional().catch(undefined),
  radioButton: z.boolean().optional().catch(undefined),
  password: z.boolean().optional().catch(undefined),
  contentsObj: z.object({ str: z.string() }).nullish().catch(null),
})

type Annotation = z.infer<typeof annotation>

const sizeMax = 12

/** What was filled into the forms of a page, and typed onto it, each where it is shown: it is no part of the page's text. */
export async function formFieldItems(page: Page): Promise<TextItem[]> {
  const found = await page.getAnnotations().catch(() => [])
  return found.flatMap((one: unknown) => {
    const { success, data } = annotation.safeParse(one)
    if (!success || data.hidden || data.password) return []
    const text = shownBy(data)
    return text === '' ? [] : itemsIn(data, text)
  })
}

function shownBy(field: Annotation): string {
  if (field.subtype === 'FreeText') return field.contentsObj?.str ?? ''
  if (field.subtype !== 'Widget') return ''
  if (field.fieldType === 'Btn') {
    if (!field.checkBox && !field.radioButton) return ''
    const own = field.checkBox ? field.exportValue : field.buttonValue
    const isOn = own != null && own !== 'Off' && field.fieldValue === own
    return isOn ? '☒' : '☐'
  }
  return field.fieldType === 'Tx' || field.fieldType === 'Ch' ? (field.fieldValue ?? '') : ''
}

function itemsIn({ rect }: Annotation, text: string): TextItem[] {
  const [x1, y1, x2, y2] = rect
  const height = Math.abs(y2 - y1)
  const lines = text.split(/\r\n?|\n/)
  const size = Math.min(sizeMax, (height / lines.length) * 0.75)
  const top = Math.max(y1, y2)
  // One line stands in the middle of its box, as its label beside it does.
  const first = lines.length === 1 ? (y1 + y2) / 2 - size * 0.35 : top - size
  return lines.map((line, row) => ({
    text: line,
    x: Math.min(x1, x2),
    y: first - row * size * 1.2,
    width: Math.min(Math.abs(x2 - x1), line.length * size * 0.5),
    size,
    isMono: false,
    isBold: false,
  }))
}
