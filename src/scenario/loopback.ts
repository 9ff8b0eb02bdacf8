/** True for addresses of this very machine. `hostname` as the URL parser writes it: `127.1` is `127.0.0.1` by then. */
export function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname);
}
