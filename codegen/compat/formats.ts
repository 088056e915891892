/** What is known of a format of strings without asking a validator. */
interface Format {
  readonly pattern: RegExp
  /** One text that has it. */
  readonly sample: string
  /** Another one, as long as that; none where the length is given, or too short for one. */
  readonly ofLength?: (length: number) => readonly string[]
}

const filledTo = (length: number, start: string, fill: string, end: string): string[] => {
  const count = length - start.length - end.length
  return count < 1 ? [] : [`${start}${fill.repeat(count)}${end}`]
}

/** Formats that a witness can be made for; of others it is only known whether they are the same. */
export const formats: Readonly<Record<string, Format>> = {
  date: { pattern: /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/, sample: '2026-01-31' },
  time: { pattern: /^([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/i, sample: '12:34:56Z' },
  'date-time': {
    pattern: /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/i,
    sample: '2026-01-31T12:34:56Z',
  },
  duration: { pattern: /^P(?!$)(\d+Y)?(\d+M)?(\d+D)?(T(?=\d)(\d+H)?(\d+M)?(\d+S)?)?$/, sample: 'P1D' },
  uuid: {
    pattern: /^[\da-f]{8}-[\da-f]{4}-[1-8][\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/i,
    sample: '6f1c2a04-7f0e-4f6a-9d53-0c3b1a9e8d42',
  },
  email: {
    pattern: /^[\w.+-]+@([a-z\d-]+\.)+[a-z]{2,}$/i,
    sample: 'duck@example.org',
    ofLength: (length) => filledTo(length, '', 'x', '@d.io'),
  },
  ipv4: { pattern: /^((25[0-5]|2[0-4]\d|1?\d?\d)(\.(?!$)|$)){4}$/, sample: '127.0.0.1' },
  uri: { pattern: /^[a-z][a-z\d+.-]*:[^\s]+$/i, sample: 'https://example.org/', ofLength: (length) => filledTo(length, 'd:', 'x', '') },
}

/** Formats whose texts are among those of another one. */
const within: Readonly<Record<string, readonly string[]>> = {
  int32: ['int64'],
  float: ['double'],
  email: ['idn-email'],
  hostname: ['idn-hostname'],
  uri: ['uri-reference', 'iri', 'iri-reference'],
  'uri-reference': ['iri-reference'],
  iri: ['iri-reference'],
}

/** Whether every text of one format has the other, as far as the table above knows. */
export const isFormatWithin = (format: string, other: string): boolean => within[format]?.includes(other) === true
