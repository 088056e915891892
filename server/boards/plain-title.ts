import { renderText } from './template/render-text.ts'
import { TemplateFault } from './template/template-fault.ts'

/** A title as it reads while no variable has a value; as it is written when it cannot be rendered. */
export const plainTitle = (title: string, variables: Iterable<string>): string => {
  if (!/\{[{%]/.test(title)) return title
  try {
    return (
      renderText(title, new Map([...variables].map((name) => [name, null])))
        .replace(/\s+/g, ' ')
        .trim() || title
    )
  } catch (error) {
    if (error instanceof TemplateFault) return title
    throw error
  }
}
