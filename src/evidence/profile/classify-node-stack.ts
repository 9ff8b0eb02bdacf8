import type { CpuCategory } from '../../model/profile.ts';

/**
 * From the leaf to the root, the first frame that tells. Names as in Node 18 to 24, in the form of read-cpuprofile.ts.
 * What llhttp and libuv do outside of JavaScript has no frames: V8 calls it `(program)`.
 */
const RULES: readonly [CpuCategory, RegExp][] = [
  ['gc', /^\(garbage collector\)$/],
  ['native', /^\(program\)$/],
  ['syscall_write', /^(writev|writeBuffer|write(Utf8|Latin1|Ascii|Ucs2)String) \(native\)$/],
  [
    'header_parse',
    /^(execute \(native\)|(parserOn\w+|socketOnData) \(node:_http_|(_addHeaderLines?|_addHeaderLineDistinct|matchKnownFields) \(node:_http_incoming)/,
  ],
  ['json', /^(JSON\.)?(stringify|parse) \(native\)$/],
  [
    'write_flush',
    /\((node:_http_outgoing|node:internal\/stream_base_commons|node:internal\/streams\/writable|node:internal\/http):/,
  ],
  [
    'write_flush',
    /^(writeHead|_implicitHeader|_writeRaw|onwrite|checkIsHttpToken|checkInvalidHeaderChar) \(node:/,
  ],
  [
    'connection',
    /^(onconnection|connectionListener\w*|Socket|Server\.\w+|setNoDelay|setKeepAlive|_destroy|destroySSL|resOnFinish) \(node:(net|_http_server|internal\/streams\/destroy)/,
  ],
  [
    'scheduler',
    /\((node:internal\/(timers|process\/task_queues|process\/promises|async_hooks)|node:timers):/,
  ],
  ['profiler', /\((node:inspector|profile\/inspector-agent\.js):/],
  ['handler', /\((?!native\)|node:)[^)]*\)$/],
];

/** `parse` is also what node:url calls its native parser. */
const NOT_JSON = /\(node:(internal\/)?(url|querystring)/;

/** The single category of a CPU sample of a Node program. Frames root first. */
export function classifyNodeStack(frames: readonly string[]): CpuCategory {
  for (let index = frames.length - 1; index >= 0; index--) {
    const frame = frames[index]!;
    const rule = RULES.find(([, pattern]) => pattern.test(frame));
    if (!rule) continue;
    if (rule[0] === 'json' && NOT_JSON.test(frames[index - 1] ?? '')) continue;
    return rule[0];
  }
  return 'other';
}
