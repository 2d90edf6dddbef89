import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { decodeText } from '../../../src/sources/extraction/decode-text.ts'

const russian =
  'Очереди хранят работу между моментом запроса и моментом исполнения, даже если сервер упал.'
/** `Очередь` and the like in windows-1251, where small letters lie 848 code points lower. */
const windows1251 = (text: string) =>
  Uint8Array.from([...text].map((c) => (c > '\u007f' ? c.charCodeAt(0) - 848 : c.charCodeAt(0))))
const latin1 = (text: string) => new Uint8Array(Buffer.from(text, 'latin1'))
/** 日本語 in Shift_JIS. */
const japanese = Uint8Array.from([0x93, 0xfa, 0x96, 0x7b, 0x8c, 0xea])
const page = (head: string, bytes: Uint8Array) =>
  Buffer.concat([Buffer.from(`<html><head>${head}</head><body>`), bytes])

describe('the encoding of a text', () => {
  const cases: [string, Uint8Array, string | null, RegExp][] = [
    ['is what the header says', latin1('caf\u00e9'), 'ISO-8859-1', /^café$/],
    ['is what the header says in Russian', windows1251(russian), 'windows-1251', /^Очереди хранят/],
    ['is what the header says in Japanese', japanese, 'Shift_JIS', /^日本語$/],
    ['is what the page says', page('<meta charset="shift_jis">', japanese), null, /日本語$/],
    [
      'is what the page says the old way',
      page(
        '<meta http-equiv=content-type content="text/html; charset=windows-1251">',
        windows1251(russian),
      ),
      null,
      /Очереди/,
    ],
    [
      'is what the byte order mark says',
      Buffer.from('\ufeffπ text', 'utf16le'),
      'ISO-8859-1',
      /^π text$/,
    ],
    [
      'is UTF-8 when nobody says and it is valid',
      Buffer.from('<p>naïve — ok'),
      null,
      /naïve — ok$/,
    ],
    ['is found out when nobody says', windows1251(russian), null, /^Очереди хранят/],
    [
      'is Western when nothing else fits',
      latin1('<p>r\u00e9sum\u00e9 caf\u00e9</p>'),
      null,
      /résumé café/,
    ],
    ['is found out when the header is wrong', windows1251(russian), 'utf-8', /^Очереди хранят/],
    [
      'is what the page says when the header is wrong',
      page('<meta charset="shift_jis">', japanese),
      'utf-8',
      /日本語$/,
    ],
    [
      'stays UTF-8 with a broken byte in a long page',
      Buffer.concat([Buffer.from('naïve '.repeat(400)), Buffer.from([0xff])]),
      'utf-8',
      /^naïve/,
    ],
    ['is found out when the header names none there is', Buffer.from('ü'), 'x-unheard-of', /^ü$/],
  ]
  for (const [claim, bytes, declared, expected] of cases) {
    it(claim, () => assert.match(decodeText(bytes, declared, 'html').text, expected))
  }

  it('of XML is what its declaration says', () => {
    const xml = Buffer.concat([
      Buffer.from('<?xml version="1.0" encoding="windows-1251"?><a>'),
      windows1251(russian),
    ])
    assert.match(decodeText(xml, null, 'xml').text, /Очереди/)
  })
})
