/** Counts o200k tokens, the vocabulary of OpenAI's current models; others differ by some percent. */
export type TokenCounter = (text: string) => number

let loading: Promise<TokenCounter> | undefined

/** Loads the tokenizer, whose tables take some 100 ms, on first use. */
export const loadTokenCounter = (): Promise<TokenCounter> => {
  loading ??= import('gpt-tokenizer/encoding/o200k_base').then(
    ({ countTokens }) =>
      (text) =>
        countTokens(text),
  )
  return loading
}
