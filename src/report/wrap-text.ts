/**
 * Text in lines of at most `width` characters, broken at spaces; a word that is longer stands on a line of its own.
 *
 * @param first what the first line begins with; the others are indented as far
 */
export function wrapText(text: string, width: number, first = ''): string[] {
  const room = Math.max(1, width - first.length);
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > room) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  lines.push(line);
  const indent = ' '.repeat(first.length);
  return lines.map((content, index) => `${index === 0 ? first : indent}${content}`.trimEnd());
}
