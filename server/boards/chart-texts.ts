/** Texts of a chart that may name variables. Links and slice labels name the row as well, and wait for it. */
export const chartTexts = ['title', 'subtitle', 'label', 'text', 'x_label', 'y_label'] as const
