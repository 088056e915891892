const controls = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069\ufffe\uffff]/g

/**
 * Text of others made safe to show: no control characters but tabs and ends of lines, none that turn the direction of
 * what follows, and no halves of characters. No data steers a terminal, and XML can hold what is left.
 */
export const withoutControls = (text: string): string => text.toWellFormed().replace(/\r\n?/g, '\n').replace(controls, '')
