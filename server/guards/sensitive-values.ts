/**
 * Which columns look sensitive, so that their values are never shown as samples. A name is judged by its words, a
 * value by its form. False alarms cost a sample; a miss shows a secret, so in doubt the answer is yes.
 */

/** Words of a name, in letters without marks; a plural is found by its singular. */
const sensitiveWords = new Set(
  (
    'password passwd pwd pw passphrase secret token apikey credential otp totp mfa pin cvv cvv2 cvc cvc2 iban bic blz ssn sin nino ' +
    'passport email mail phone telefon telefono telephone tel mobile mobil fax msisdn imei birthdate birthday dob salary wage gehalt lohn ' +
    'salario salaire card creditcard pan bankaccount auth bearer jwt csrf cookie session signature salt hash hmac privatekey pem dsn ' +
    'medical diagnosis diagnose religion ethnicity license senha haslo contrasena kennwort vorname nachname apellido prenom cognome ' +
    'adresse anschrift correo courriel reisepass fuhrerschein fuehrerschein steuernummer svnr cpf cnpj curp dni nif bsn pesel cpr aadhaar'
  ).split(' '),
)

/** Parts of a name whose words are written as one. */
const sensitiveParts = new RegExp(
  [
    'passw|wachtwoord|motdepasse|lozenk|пароль|密码|パスワード|비밀번호',
    '(api|access|private|priv|secret|encryption|signing|app|license)key|(client|app|signing|shared|webhook)secret',
    '(access|refresh|auth|session|api|reset|device)token|(recovery|backup|auth|pin)code|security(answer|question)|(connection|conn)str|webhookurl',
    '(credit|debit)card|card(number|num|no|holder)|kreditkart|kartenn|kartenpin|ccnum|cc(number|no)$',
    '(social|national)(security|insurance|id)|sozialversicherung|tax(id|number|no)|steuer(nummer|id)|vat(id|no|number)|codicefiscale|personnummer|fodselsnummer',
    'bankaccount|(account|acct)(number|num|no)|routingnumber|konto(nummer|nr)|bankleitzahl|iban(nr|number)',
    'dateofbirth|birthdate|ofbirth|geburtsdatum|geburtstag|fechanacimiento|datenaissance|nascita',
    '(home|street|postal|mailing|ip|mac|mail)addr|drivers?licen[cs]e|personalausweis|ausweisn|passport?n',
    'email|phone|telefon|телефон|mobiln|handyn|手机|電話|邮箱|メール|身份证|ssnn|(first|last|family|given|sur|full|maiden)name|maiden|sessionid|pwhash|paszport',
  ].join('|'),
)

const valueForms = [
  /[^\s@]@[^\s@]+\.[a-z]{2,}/i, // e-mail
  /^(bearer\s+)?eyJ[\w-]+\.[\w-]+\./i, // JSON web token
  /-----BEGIN [A-Z ]*PRIVATE KEY( BLOCK)?-----/,
  /^(sk|pk|rk)[_-](live|test|proj|ant)[_-]|^gh[pousr]_|^github_pat_|^glpat-|^xox[abeprs]-|^whsec_|^npm_\w{30}|^SG\.[\w-]{8,}\.|^AIza[\w-]{30}/, // vendors' keys
  /^A[KS]IA[0-9A-Z]{16}$|^https:\/\/hooks\.slack\.com\/services\//,
  /^\$(\d\w?|argon2\w*|scrypt|pbkdf2[\w-]*)\$|^pbkdf2_\w+\$|^\{S?SHA\d*\}|^SCRAM-SHA-/, // password hashes
  /^\s*[A-Z]{2}\d{2}[ ]?([A-Z0-9]{4}[ ]?){2,7}[A-Z0-9]{1,4}\s*$/, // IBAN
  /^\d{3}[- ]\d{2}[- ]\d{4}$/, // US social security number
  /^\+\d{1,3}[\d ()/.-]{7,}$/, // telephone number, international
  /^basic [\w+/]{8,}=*$/i,
  /^[a-z]+:\/\/[^/\s:@]+:[^/\s:@]+@/i, // URL with credentials
  /[?&]\w*(token|key|secret|signature|password)=[^&\s]{6,}/i,
]

/** Letters without marks, words apart. */
const wordsOf = (name: string): string[] =>
  name
    .replace(/(\p{Ll}|\p{N})(\p{Lu})/gu, '$1 $2')
    .replaceAll('ß', 'ss')
    .normalize('NFKD')
    .replace(/(\p{Script=Latin})\p{M}+/gu, '$1')
    .normalize('NFC')
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)

const singularsOf = (word: string): string[] => [word, word.replace(/s$/, ''), word.replace(/ies$/, 'y')]

/** Whether a column of this name is taken for sensitive. */
export const looksSensitiveName = (column: string): boolean => {
  const words = wordsOf(column)
  return (
    words.some((word) => singularsOf(word).some((one) => sensitiveWords.has(one))) ||
    words.at(-1) === 'pass' ||
    sensitiveParts.test(words.join(''))
  )
}

/** Whether a value has the form of something sensitive, or holds it: in a list, or under a name in an object. */
export const looksSensitiveValue = (value: unknown): boolean => {
  if (typeof value === 'string') return hasSensitiveForm(value) || (/^\s*[[{]/.test(value) && holdsSensitive(value))
  return typeof value === 'object' && value !== null && holdsSensitive(JSON.stringify(value))
}

/** Looks at each text in JSON, which may have been cut. */
const holdsSensitive = (json: string): boolean =>
  [...json.matchAll(/"((?:[^"\\]|\\.)*)("\s*:)?/gs)].some(([, text = '', isName]) =>
    isName === undefined ? hasSensitiveForm(text) : looksSensitiveName(text),
  )

const hasSensitiveForm = (text: string): boolean => valueForms.some((form) => form.test(text)) || looksLikeCardNumber(text)

/** What a column is filled with by default, but for a secret that is written there. */
export const shownDefault = ({ name, default: value }: { readonly name: string; readonly default?: string | undefined }) => {
  const texts = [...(value ?? '').matchAll(/'((?:[^']|'')*)'/g)].map(([, text = '']) => text)
  const isSecret = texts.some((text) => text !== '' && (looksSensitiveName(name) || looksSensitiveValue(text)))
  return value === undefined || isSecret ? {} : { default: value }
}

/** 13 to 19 digits in groups that keep Luhn's check sum. Bare digits are left alone: most are ids. */
const looksLikeCardNumber = (text: string): boolean => {
  if (!/^\d{4}([ -]\d{2,7}){2,4}$/.test(text)) return false
  const digits = text.replace(/\D/g, '')
  let sum = 0
  for (let i = 0; i < digits.length; i++) {
    const digit = Number(digits[digits.length - 1 - i])
    sum += i % 2 === 0 ? digit : digit > 4 ? digit * 2 - 9 : digit * 2
  }
  return digits.length >= 13 && sum % 10 === 0
}
