/** What the harness asks the process inside a network namespace: one JSON document per line on its stdin. */
export type HolderRequest = { id: number } & HolderQuestion;

export type HolderQuestion =
  | { ask: 'get'; url: string; timeoutMs: number; from?: string }
  | { ask: 'download'; url: string; file: string; timeoutMs: number }
  | { ask: 'accepts'; port: number; timeoutMs: number; host?: string }
  | { ask: 'freePort' }
  | { ask: 'readSetting'; name: string }
  | { ask: 'writeSetting'; name: string; text: string };

/** Its answers, one per line on stdout, in any order. The first line is `{"ready":true}` or says why not. */
export type HolderReply = { ready: true } | { failed: string } | HolderAnswer;

export type HolderAnswer = { id: number; value: unknown } | { id: number; error: string };
