/**
 * Which columns look sensitive, so that their values are never shown as samples. A name is judged by its words, a
 * value by its form. False alarms cost a sample; a miss shows a secret, so in doubt the answer is yes.
 */
const sensitiveWords = new Set(
  (
    'password passwd pwd passphrase secret token apikey credential credentials otp pin cvv cvc iban bic ssn sin nino passport ' +
    'email mail phone mobile fax msisdn imei birthdate birthday dob salary wage card creditcard pan bankaccount ' +
    'auth cookie session signature salt hash privatekey medical diagnosis religion ethnicity license'
  ).split(' '),
)
const sensitivePhrases =
  /(api|access|private|secret|encryption|signing)_?key|(credit|debit)_?card|(social|national)_?(security|insurance|id)|tax_?(id|number|no)|bank_?account|account_?(number|no)|routing_?number|(date_?of|_)birth|birth_?date|(home|street|postal|mailing|ip|mac)_?addr|driver_?s?_?licen[cs]e|e_?mail|phone|passw|maiden|(first|last|family|given|sur|full)_?name/i

const valueForms = [
  /[^\s@]@[^\s@]+\.[a-z]{2,}/i, // e-mail
  /^eyJ[\w-]+\.[\w-]+\./, // JSON web token
  /-----BEGIN [A-Z ]*PRIVATE KEY-----/,
  /^(sk|pk|rk)_(live|test)_|^gh[pousr]_|^xox[abprs]-|^AKIA[0-9A-Z]{16}$/, // vendors' keys
  /^\$(2[aby]|argon2\w*|scrypt)\$/, // password hashes
  /^[A-Z]{2}\d{2}[ ]?([A-Z0-9]{4}[ ]?){2,7}[A-Z0-9]{1,4}$/, // IBAN
  /^\d{3}-\d{2}-\d{4}$/, // US social security number
  /^[a-z]+:\/\/[^/\s:@]+:[^/\s:@]+@/i, // URL with credentials
]

/** Whether a column of this name is taken for sensitive. */
export const looksSensitiveName = (column: string): boolean => {
  const words = column
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
  return words.some((word) => sensitiveWords.has(word)) || sensitivePhrases.test(column.replace(/([a-z0-9])([A-Z])/g, '$1_$2'))
}

/** Whether a value has the form of something sensitive. */
export const looksSensitiveValue = (value: unknown): boolean =>
  typeof value === 'string' && (valueForms.some((form) => form.test(value)) || looksLikeCardNumber(value))

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
