let render: Promise<(text: string) => string> | undefined

/** Markdown as HTML: HTML within it stays text, links that run code are not links, and a picture is its name, for nothing is loaded from elsewhere. */
export const markdownHtml = async (text: string): Promise<string> => {
  render ??= import('markdown-it').then(({ default: MarkdownIt }) => {
    const markdown = new MarkdownIt({ html: false, linkify: false })
    markdown.renderer.rules.image = (tokens, index) => markdown.utils.escapeHtml(tokens[index]?.content ?? '')
    return (source) => markdown.render(source)
  })
  return (await render)(text)
}
