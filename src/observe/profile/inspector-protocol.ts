/** Name of the variable that tells the agent where the harness listens: the path of a Unix socket. */
export const SOCKET_VARIABLE = 'SSEE_BENCH_PROFILE_SOCKET';

/** What the harness writes to the agent, one word per line. */
export type AgentOrder = 'start' | 'stop';

/** What the agent answers after `stop`, one JSON document on one line. */
export type AgentAnswer = { profile: unknown } | { failed: string };
