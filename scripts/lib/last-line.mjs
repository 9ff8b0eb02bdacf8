/** The last line of a program's output that says something; undefined when there is none. */
export function lastLine(text) {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .at(-1);
}
