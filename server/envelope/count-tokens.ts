/** Counts o200k tokens, the vocabulary of OpenAI's current models; others differ by some percent. */
export type TokenCounter = (text: string) => number

/** Longest stretch that is counted at once, UTF-16 units: the tokenizer takes quadratic time for an unbroken run. */
const stretch = 256

let loading: Promise<TokenCounter> | undefined

/** Loads the tokenizer on first use. Its tables take long, so only the thread of tokens-aside.ts does. */
export const loadTokenCounter = (): Promise<TokenCounter> => {
  loading ??= import('gpt-tokenizer/encoding/o200k_base').then(({ countTokens }) => {
    // Data may spell a control token, such as <|endoftext|>; it is text like any other.
    const options = { disallowedSpecial: new Set<string>() }
    return (text) => {
      let tokens = 0
      for (let at = 0; at < text.length; ) {
        const end = at + stretch >= text.length ? text.length : stretchEnd(text, at)
        tokens += countTokens(text.slice(at, end), options)
        at = end
      }
      return tokens
    }
  })
  return loading
}

/** Where a stretch that starts at `at` ends: at a boundary, or else where it is full, which may add a token. */
const stretchEnd = (text: string, at: number): number => {
  const full = at + stretch
  const boundary = lastBoundary(text, at, full)
  if (boundary > at) return boundary
  const isHighSurrogate = (text.charCodeAt(full - 1) & 0xfc00) === 0xd800
  return isHighSurrogate ? full - 1 : full
}

/**
 * The last offset in (from, to] at which no token spans the text before and the text after, so that counts add up: between
 * an ASCII letter or digit and a character that continues neither. `from` when there is none.
 */
export const lastBoundary = (text: string, from: number, to: number): number => {
  for (let at = Math.min(to, text.length - 1); at > from; at--)
    if (isAlphanumeric(text.charCodeAt(at - 1)) && endsWord(text.charCodeAt(at))) return at
  return from
}

const isAlphanumeric = (code: number): boolean => (code >= 97 && code <= 122) || (code >= 48 && code <= 57) || (code >= 65 && code <= 90)

const apostrophe = 39

/** Other than letters and digits of any script, and the apostrophe of "it's". */
const endsWord = (code: number): boolean => code < 128 && code !== apostrophe && !isAlphanumeric(code)
