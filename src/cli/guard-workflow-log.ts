import { fstatSync } from 'node:fs';
import { StringDecoder } from 'node:string_decoder';

/** What .NET's culture-sensitive search, which the runner uses, passes over. Line ends are what it splits at. */
const IGNORED = String.raw`(?:(?![\r\n])[\p{C}\p{DI}])*`;
const BLANKS = String.raw`(?:(?![\r\n])[\s\p{C}\p{DI}])*`;
/** `::name::` at the start of a line, behind blanks. */
const COMMAND = new RegExp(`(?<=^|[\\r\\n])(${BLANKS}:${IGNORED})(?=:)`, 'gu');
/** `##[name]` anywhere. */
const OLD_COMMAND = new RegExp(`(#${IGNORED}#${IGNORED})(?=\\[)`, 'gu');

/** A line on which a command may still begin: what was said of it is nothing but blanks, maybe with a colon behind. */
const BEFORE_COMMAND = new RegExp(`^${BLANKS}(:?)${IGNORED}$`, 'u');
/** What `##[` may begin with, at the end of what was said. */
const BEFORE_OLD_COMMAND = new RegExp(`(#)${IGNORED}(?:(#)${IGNORED})?$`, 'u');

type Write = (text: string, ...rest: unknown[]) => boolean;

/** By the guarded `write` of a stream, what it was before. */
const unguarded = new WeakMap<object, Write>();

/**
 * In a GitHub job, keep what servers and tools say from being taken for a command to the runner: a space breaks `::` at
 * the start of a line and `##[` everywhere. Elsewhere nothing is changed, nor is what goes to a file: it is data, and the
 * runner does not read it. Complaints are guarded in a file too, which is shown sooner or later.
 */
export function guardWorkflowLog(
  streams: readonly NodeJS.WriteStream[] = [process.stdout, process.stderr],
  env: NodeJS.ProcessEnv = process.env,
): void {
  if (!env.GITHUB_ACTIONS) return;
  for (const stream of streams) {
    if (unguarded.has(stream.write) || isDataFile(stream)) continue;
    const write = stream.write.bind(stream) as Write;
    const guard = createGuard();
    stream.write = (chunk: string | Uint8Array, ...rest: unknown[]) => write(guard(chunk), ...rest);
    unguarded.set(stream.write, write);
  }
}

/** Our own commands, which are escaped where they are made. */
export function writeWorkflowCommands(text: string, stream: NodeJS.WriteStream = process.stdout): void {
  const write = unguarded.get(stream.write);
  if (write) write(text);
  else stream.write(text);
}

/**
 * A value as one line of JSON, for programs: what the guard would break is written as an escape, so that it reads as the
 * same value.
 */
export function writeJsonLine(value: unknown, stream: NodeJS.WriteStream = process.stdout): void {
  const text = JSON.stringify(value);
  stream.write(`${unguarded.has(stream.write) ? text.replaceAll('#', String.raw`\u0023`) : text}\n`);
}

const STDERR = 2;

function isDataFile(stream: object): boolean {
  const fd = 'fd' in stream ? stream.fd : undefined;
  if (typeof fd !== 'number' || fd === STDERR) return false;
  try {
    return fstatSync(fd).isFile();
  } catch {
    return false; // It is closed; whoever writes will be told.
  }
}

/**
 * Commands may come in pieces, so what stands on the line already counts. Of that only what a command may begin with is
 * kept: a line without an end would be gone through again with every piece of it.
 */
function createGuard(): (chunk: string | Uint8Array) => string {
  const decoder = new StringDecoder('utf8');
  let line = '';
  return (chunk) => {
    const text = typeof chunk === 'string' ? chunk : decoder.write(chunk);
    const safe = (line + text).replace(COMMAND, '$1 ').replace(OLD_COMMAND, '$1 ');
    const said = safe.slice(line.length);
    line = keepOpen(safe);
    return said;
  };
}

/** What stands for the unfinished line at the end of `safe`. */
function keepOpen(safe: string): string {
  const start = Math.max(safe.lastIndexOf('\n'), safe.lastIndexOf('\r')) + 1;
  const line = safe.slice(start);
  const opening = BEFORE_COMMAND.exec(line);
  if (opening) return opening[1]!;
  const [, first = '', second = ''] = BEFORE_OLD_COMMAND.exec(line) ?? [];
  // The letter stands for all that came before: no command begins behind it.
  return `x${first}${second}`;
}
