import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { decodeText } from '../../../src/sources/extraction/decode-text.ts'
import { detectEncoding } from '../../../src/sources/files/detect-encoding.ts'
import { sourceText } from '../../../src/sources/files/source-text.ts'
import { uploadedText } from '../../../src/sources/files/uploaded-text.ts'
import { legacyEncoder } from '../../support/legacy-encoder.ts'

const chinese = ['码头的仓库在去年夏天失火', '工人们说这里没有水', '这个函数返回下一个阶段']
const traditional = ['碼頭的倉庫在去年夏天失火', '工人們說這裡沒有水', '這個函數返回下一個階段']
const japanese = ['倉庫は去年の夏に燃えた', 'ここには水がありません', '次の段階を返す']
const korean = [
  '부두의 창고는 지난 여름에 불탔다',
  '여기에는 물이 없습니다',
  '다음 단계를 돌려준다',
]
const russian = [
  'Склад у причала сгорел прошлым летом',
  'Здесь нет воды',
  'Возвращает следующий этап',
]

const languages: readonly (readonly [string, readonly string[]])[] = [
  ['gb18030', chinese],
  ['big5', traditional],
  ['shift_jis', japanese],
  ['euc-jp', japanese],
  ['euc-kr', korean],
  ['windows-1251', russian],
  ['koi8-u', russian],
  ['ibm866', russian],
  ['iso-8859-5', russian],
]

const latin: readonly (readonly [string, string])[] = [
  ['windows-1252', 'Le dépôt du quai a brûlé l’été dernier, près de la jetée.'],
  ['windows-1252', 'Das Lagerhaus am Kai ist für Größe und Höhe bekannt.'],
  ['windows-1250', 'Magazyn na nabrzeżu spłonął zeszłego lata, źródło: gazeta.'],
  ['windows-1255', 'המחסן ברציף נשרף בקיץ שעבר, ואין כאן מים.'],
  ['windows-1256', 'احترق المستودع على الرصيف في الصيف الماضي.'],
]

/** How a text stands in a file: alone, as a heading, as a comment between lines of code. */
const shapes: readonly ((text: string) => string)[] = [
  (text) => `${text}。\n`.replace('。', ''),
  (text) => `# ${text}\n\nMore at https://e.com/a.\n`,
  (text) =>
    `${'def inspect(stage):\n    return stage > 2\n\n'.repeat(5)}    # ${text}\n    return 1\n`,
]

describe('a text whose encoding nobody says', () => {
  for (const [encoding, sentences] of languages) {
    it(`is read in ${encoding}, whatever it says and however little, in pages, files and uploads`, () => {
      const encode = legacyEncoder(encoding)
      const some = fc.subarray([...sentences], { minLength: 1 })
      fc.assert(
        fc.property(some, fc.constantFrom(...shapes), (chosen, shape) => {
          const text = shape(chosen.join(', '))
          const bytes = encode(text)
          assert.equal(sourceText(bytes), text)
          assert.equal(uploadedText(bytes, 'a.md'), text)
          assert.equal(decodeText(bytes, null, 'text').text, text)
        }),
        { numRuns: 40 },
      )
    })
  }

  for (const [encoding, text] of latin) {
    it(`is read in ${encoding}: ${text.slice(0, 20)}`, () => {
      assert.equal(sourceText(legacyEncoder(encoding)(text)), text)
    })
  }

  it('is read in UTF-16 without a byte order mark, either way round', () => {
    for (const text of ['plain words\nof two lines', 'Größe', ...chinese.slice(0, 1), ...russian]) {
      const little = Buffer.from(text, 'utf16le')
      assert.equal(sourceText(little), text)
      assert.equal(sourceText(Buffer.from(little).swap16()), text)
      assert.equal(uploadedText(little, 'a.md'), text)
      assert.equal(decodeText(little, null, 'text').text, text)
    }
  })

  it('is read in ISO-2022-JP by its escapes', () => {
    const bytes = Buffer.from('a \x1b$B9A$NJI\x1b(B b', 'latin1')
    assert.equal(sourceText(bytes), 'a 港の壁 b')
    const log = '\u001b[31mred\u001b[0m\n$BASH and $BAR: é\n'
    assert.equal(sourceText(Buffer.from(log)), log)
  })

  it('is UTF-8 whenever it is valid, for any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 30 }), (text) => {
        const visible = text.replace(/[\p{Cc}\ufeff]/gu, ' ')
        assert.equal(sourceText(Buffer.from(visible)), visible)
        assert.equal(detectEncoding(Buffer.from(visible)).encoding, 'utf-8')
      }),
    )
  })
})

describe('a file that says its encoding', () => {
  it('is read by it where it is not valid UTF-8', () => {
    const coded = (head: string, encoding: string, text: string) =>
      sourceText(Buffer.concat([Buffer.from(head), legacyEncoder(encoding)(text)]))
    assert.match(coded('# -*- coding: gbk -*-\n# ', 'gb18030', '仓') ?? '', /仓$/)
    assert.match(coded('// vim: fileencoding=koi8-r\n// ', 'koi8-r', 'да') ?? '', /да$/)
    assert.match(coded('<?xml version="1.0" encoding="big5"?><a>', 'big5', '倉') ?? '', /倉$/)
    assert.equal(sourceText(Buffer.from('# coding: gbk\n# 仓')), '# coding: gbk\n# 仓')
  })

  it('that is wrong about it is read as what it is', () => {
    const bytes = legacyEncoder('gb18030')(chinese.join('。'))
    assert.equal(decodeText(bytes, 'utf-8', 'text').text, chinese.join('。'))
    const utf8 = Buffer.from(russian.join('. '))
    assert.equal(decodeText(utf8, 'shift_jis', 'text').text, russian.join('. '))
    const utf16 = Buffer.from('<html>plain</html>', 'utf16le')
    assert.equal(decodeText(utf16, 'utf-8', 'html').text, '<html>plain</html>')
  })
})

describe('bytes that are no text', () => {
  it('are no file of a repository', () => {
    assert.equal(sourceText(Buffer.from('89504e470d0a1a0a0000', 'hex')), null)
    assert.equal(sourceText(Uint8Array.from({ length: 400 }, (_, n) => (n * 73) % 256)), null)
    assert.equal(sourceText(Buffer.from('text with a \0 in it')), null)
  })
})
