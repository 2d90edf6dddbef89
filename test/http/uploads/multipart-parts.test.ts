import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { Refusal } from '../../../src/errors.ts'
import { dispositionName } from '../../../src/http/uploads/disposition-name.ts'
import { multipartBoundary, multipartParts } from '../../../src/http/uploads/multipart-parts.ts'
import { form } from '../../support/form.ts'

/** A header as it comes off the wire. */
const wire = (text: string) => Buffer.from(text).toString('latin1')
const nameIn = (parameters: string) =>
  dispositionName(wire(`form-data; name=files; ${parameters}`), 'filename')

describe('the name of an uploaded file', () => {
  const rows: readonly (readonly [string, string | null])[] = [
    [`filename="=?utf-8?B?w6l0w6kubWQ=?="; filename*=utf-8''%C3%A9t%C3%A9.md`, 'été.md'],
    [`filename="fallback.md"; filename*=UTF-8''%C3%A9t%C3%A9.md`, 'été.md'],
    [`filename*=UTF-8''%C3%A9t%C3%A9.md; filename="fallback.md"`, 'été.md'],
    [`filename*=UTF-8''%C3%A9t%C3%A9.md`, 'été.md'],
    [`filename*="UTF-8''%C3%A9t%C3%A9.md"; filename=a.md`, 'été.md'],
    [`FileName*=utf-8'en'%C3%A9t%C3%A9.md`, 'été.md'],
    [`filename="a.md"; filename*=ISO-8859-1''%E9t%E9.md`, 'été.md'],
    [`filename="a.md"; filename*=gbk''%B8%DB%BF%DA.md`, '港口.md'],
    [`filename="a.md"; filename*=Shift_JIS''%8D%60.md`, '港.md'],
    [`filename="a.md"; filename*=x-unheard-of''%C3%A9.md`, 'é.md'],
    [`filename="a.md"; filename*=utf-8''%E9t%E9.md`, 'été.md'],
    [`filename="a.md"; filename*=%C3%A9t%C3%A9.md`, 'été.md'],
    [`filename="a.md"; filename*=utf-8''100%.md`, '100%.md'],
    [`filename="a.md"; filename*=utf-8''50%zz%41.md`, '50%zzA.md'],
    [`filename="a.md"; filename*=utf-8''`, 'a.md'],
    [`filename*0*=utf-8''%C3%A9t; filename*1=%C3; filename*2*=%C3%A9.md`, 'ét%C3é.md'],
    ['filename="été.md"', 'été.md'],
    ['filename=plain.md', 'plain.md'],
    ['filename="=?utf-8?Q?=C3=A9_t?= =?utf-8?Q?=C3=A9.md?="', 'é té.md'],
    ['filename="a;b \\"c\\".md"', 'a;b "c".md'],
    ['filename="C:\\notes\\a.md"', 'C:\\notes\\a.md'],
    ['filename="100%25 a.md"', '100%25 a.md'],
    ['filename=""', ''],
    ['other=1', null],
  ]
  for (const [parameters, name] of rows) {
    it(`${parameters} is ${name}`, () => assert.equal(nameIn(parameters), name))
  }

  it('is what its sender encoded, for any name, before or behind its fallback', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), fc.boolean(), (name, isFirst) => {
        const wanted = name.toWellFormed()
        const coded = `filename*=UTF-8''${encodeURIComponent(wanted).replace(/['()*]/g, (one) => `%${one.charCodeAt(0).toString(16)}`)}`
        const both = ['filename="x.md"', coded]
        assert.equal(nameIn((isFirst ? both.toReversed() : both).join('; ')), wanted)
      }),
    )
  })

  it('is some text for any header at all', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (text) => {
        const name = dispositionName(text, 'filename')
        assert.ok(name === null || typeof name === 'string')
      }),
    )
  })
})

describe('the parts of a form', () => {
  const boundary = (contentType: string) => multipartBoundary(contentType) ?? ''

  it('are whole, whatever bytes they hold', () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 60 }),
      fc
        .constantFrom('\r\n--', '\r\n----nova-test-boundaryX', '--', '', '\r\n')
        .map((text) => Buffer.from(text)),
    )
    fc.assert(
      fc.property(fc.array(bytes, { maxLength: 5 }), (bodies) => {
        const sent = form(bodies.map((body, n) => ({ field: `f${n}`, name: `${n}.md`, body })))
        const parts = multipartParts(sent.payload, boundary(sent.headers['content-type']), 10)
        assert.deepEqual(
          parts.map((part) => [part.field, part.fileName, part.bytes.toString('hex')]),
          bodies.map((body, n) => [`f${n}`, `${n}.md`, Buffer.from(body).toString('hex')]),
        )
      }),
    )
  })

  it('are none of a body that was cut anywhere', () => {
    const sent = form([{ field: 'a', name: 'a.md', body: 'text' }])
    for (let end = 0; end < sent.payload.length - 4; end += 1) {
      assert.throws(
        () =>
          multipartParts(sent.payload.subarray(0, end), boundary(sent.headers['content-type']), 10),
        (error) => error instanceof Refusal && error.code === 'UPLOAD_INCOMPLETE',
        String(end),
      )
    }
  })

  it('may come after a preamble, with a boundary in quotation marks', () => {
    assert.equal(multipartBoundary('multipart/form-data; charset=utf-8; boundary="a b"'), 'a b')
    assert.equal(multipartBoundary('multipart/mixed; boundary=a'), null)
    const head = 'Content-Disposition: form-data;\r\n name="f"; filename="a.md"'
    const body = Buffer.from(`preamble\r\n--a b\r\n${head}\r\n\r\ntext\r\n--a b--\r\nepilogue`)
    const [part] = multipartParts(body, 'a b', 1)
    assert.deepEqual([part?.field, part?.fileName, String(part?.bytes)], ['f', 'a.md', 'text'])
  })
})
