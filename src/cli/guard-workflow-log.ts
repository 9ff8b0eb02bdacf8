import { StringDecoder } from 'node:string_decoder';

/** What .NET's culture-sensitive search, which the runner uses, passes over. Line ends are what it splits at. */
const IGNORED = String.raw`(?:(?![\r\n])[\p{C}\p{DI}])*`;
const BLANKS = String.raw`(?:(?![\r\n])[\s\p{C}\p{DI}])*`;
/** `::name::` at the start of a line, behind blanks. */
const COMMAND = new RegExp(`(?<=^|[\\r\\n])(${BLANKS}:${IGNORED})(?=:)`, 'gu');
/** `##[name]` anywhere. */
const OLD_COMMAND = new RegExp(`(#${IGNORED}#${IGNORED})(?=\\[)`, 'gu');

type Write = (text: string, ...rest: unknown[]) => boolean;

/** By the guarded `write` of a stream, what it was before. */
const unguarded = new WeakMap<object, Write>();

/**
 * In a GitHub job, keep what servers and tools say from being taken for a command to the runner: a space breaks `::` at
 * the start of a line and `##[` everywhere. Elsewhere nothing is changed.
 */
export function guardWorkflowLog(
  streams: readonly NodeJS.WriteStream[] = [process.stdout, process.stderr],
  env: NodeJS.ProcessEnv = process.env,
): void {
  if (!env.GITHUB_ACTIONS) return;
  for (const stream of streams) {
    if (unguarded.has(stream.write)) continue;
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

/** Commands may come in pieces, so what stands on the line already is looked at again. */
function createGuard(): (chunk: string | Uint8Array) => string {
  const decoder = new StringDecoder('utf8');
  let line = '';
  return (chunk) => {
    const text = typeof chunk === 'string' ? chunk : decoder.write(chunk);
    const safe = (line + text).replace(COMMAND, '$1 ').replace(OLD_COMMAND, '$1 ');
    const said = safe.slice(line.length);
    line = safe.slice(Math.max(safe.lastIndexOf('\n'), safe.lastIndexOf('\r')) + 1);
    return said;
  };
}
