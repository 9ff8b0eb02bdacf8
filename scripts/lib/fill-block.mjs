/**
 * `text` between the marks `<!-- NAME -->` and `<!-- /NAME -->` of a Markdown file, in place of what was there. The
 * second mark is added where it is missing.
 *
 * @param {string} markdown
 * @param {string} name
 * @param {string} text
 * @returns {string}
 * @throws Error when the file has no such mark, or two of them
 */
export function fillBlock(markdown, name, text) {
  const open = `<!-- ${name} -->`;
  const close = `<!-- /${name} -->`;
  const parts = markdown.split(open);
  if (parts.length !== 2)
    throw new Error(`${open} stands ${parts.length - 1} times where it must stand once`);
  const [before, after] = parts;
  const end = after.indexOf(close);
  const rest = end === -1 ? after : after.slice(end + close.length);
  return `${before}${open}\n\n${text.trim()}\n\n${close}${rest}`;
}

/** What a report says before its details: everything between its title and its first section. */
export function headOf(report) {
  const body = report.replace(/^# .*\n/, '');
  const section = body.search(/^## /m);
  return (section === -1 ? body : body.slice(0, section)).trim();
}
