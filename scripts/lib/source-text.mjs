/** After one of these a slash starts a regular expression, after anything else it divides. */
const BEFORE_REGEX =
  /(^|[=(,:;[{}!&|?+\-*%~<>^]|\b(return|typeof|case|in|of|void|delete|throw|await|yield|do|else))\s*$/;

/**
 * The code of a TypeScript file with comments, and the inside of strings and regular expressions, replaced by
 * spaces: a word found in it is really code. Line breaks stay, so positions and line numbers are those of `text`.
 * Code inside `${}` of a template stays too.
 *
 * @param {string} text
 * @param {{keepStrings?: boolean}} [options] keepStrings blanks comments and regular expressions alone
 */
export function blankNonCode(text, { keepStrings = false } = {}) {
  let out = '';
  let at = 0;
  // Open templates, innermost last: how many braces are open inside the current `${}`.
  const templates = [];

  function blankTo(end, keep = false) {
    const part = text.slice(at, end);
    out += keep ? part : part.replaceAll(/[^\n]/g, ' ');
    at = end;
  }

  /** From inside a template to its end or to the next `${`, whichever comes first. */
  function readTemplate() {
    let end = at;
    while (end < text.length && text[end] !== '`' && !text.startsWith('${', end)) {
      end += text[end] === '\\' ? 2 : 1;
    }
    blankTo(end, keepStrings);
    if (text[at] === '`') {
      blankTo(at + 1, true);
    } else {
      blankTo(at + 2, true);
      templates.push(0);
    }
  }

  while (at < text.length) {
    const char = text[at];
    if (text.startsWith('//', at)) blankTo(endOr(text.indexOf('\n', at), text));
    else if (text.startsWith('/*', at)) blankTo(endOr(text.indexOf('*/', at + 2) + 2, text, 2));
    else if (char === "'" || char === '"') {
      const end = endOfQuoted(text, at, char);
      blankTo(at + 1, true);
      blankTo(end - 1, keepStrings);
      blankTo(end, true);
    } else if (char === '`') {
      blankTo(at + 1, true);
      readTemplate();
    } else if (char === '/' && BEFORE_REGEX.test(out.slice(-40))) blankTo(endOfRegex(text, at));
    else if (char === '{' && templates.length > 0) {
      templates[templates.length - 1] += 1;
      blankTo(at + 1, true);
    } else if (char === '}' && templates.length > 0) {
      blankTo(at + 1, true);
      if (templates.at(-1) === 0) {
        templates.pop();
        readTemplate();
      } else templates[templates.length - 1] -= 1;
    } else blankTo(at + 1, true);
  }
  return out;
}

/** 1-based line of a position. */
export function lineAt(text, index) {
  return text.slice(0, index).split('\n').length;
}

function endOr(end, text, notFound = 0) {
  return end < notFound ? text.length : end;
}

function endOfQuoted(text, start, quote) {
  let end = start + 1;
  while (end < text.length && text[end] !== quote && text[end] !== '\n') end += text[end] === '\\' ? 2 : 1;
  return Math.min(end + 1, text.length);
}

function endOfRegex(text, start) {
  let inClass = false;
  let end = start + 1;
  for (; end < text.length && text[end] !== '\n'; end += text[end] === '\\' ? 2 : 1) {
    if (text[end] === '[') inClass = true;
    else if (text[end] === ']') inClass = false;
    else if (text[end] === '/' && !inClass) return end + 1;
  }
  return end;
}
