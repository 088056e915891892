import parser from 'pg-connection-string'
import { describe, expect, test } from 'vitest'
import { checkPostgresUrl } from '../../server/projects/check-postgres-url.ts'

const marks = ['@', ':', '/', '?', '#', '%', '[', ']', '\\', '&', '=', '+', '$', ' ', '^', '|', '{', '"', 'ü']
/**
 * Each mark before and after digits and letters, which makes another address of each, and each beside each other one. What
 * is an escape already cannot be told from one that is meant.
 */
const passwords = marks
  .flatMap((mark) => [`p${mark}w`, `12${mark}34`, `${mark}12`, `12${mark}`, `ab${mark}xy@`, ...marks.map((other) => `1${mark}2${other}3x`)])
  .filter((password) => !/%[\da-f]{2}/i.test(password))

describe('a password in an address', () => {
  test('either arrives at the driver as it was written, or is told of with how to write it', () => {
    for (const password of passwords) {
      const url = `postgres://reader:${password}@db.example:5432/shop`
      const fault = checkPostgresUrl(url)
      if (fault === undefined)
        expect({ url, ...parser.parse(url) }).toMatchObject({ url, host: 'db.example', user: 'reader', password, database: 'shop' })
      else {
        expect({ url, ...fault }).toMatchObject({
          url,
          hint: expect.stringMatching(/@ as %40.*% as %25; or give host, port, dbname, user and password/),
        })
        expect(JSON.stringify(fault)).not.toContain(password)
      }
    }
  })

  test.each(['12/34', '/12', '12?34', '12#34', 'a%zz', 'a%', '12/3:4@'])('%s is told of', (password) => {
    expect(checkPostgresUrl(`postgres://reader:${password}@db.example:5432/shop`)).toBeDefined()
  })

  test('is right when it is escaped', () => {
    for (const password of passwords) {
      const url = `postgres://reader:${encodeURIComponent(password)}@db.example:5432/shop?application_name=a%40b`
      expect(checkPostgresUrl(url)).toBeUndefined()
      expect(parser.parse(url)).toMatchObject({ host: 'db.example', user: 'reader', password, database: 'shop' })
    }
  })

  test('may be left out, with what an address may hold besides', () => {
    for (const url of ['postgres://db.example/shop?user=me@tenant', 'postgres://me%40tenant@db.example/shop', 'postgres://u:p@/shop'])
      expect(checkPostgresUrl(url)).toBeUndefined()
  })
})
