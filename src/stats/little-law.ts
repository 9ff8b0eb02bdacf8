/**
 * Little's law, L = lambda x W, as a check of a closed loop: connections that are always busy equal rate times time per
 * request. What is missing is connections idling, streams not counted, or a latency that leaves part of the time out.
 *
 * @param connections kept busy, at least 1
 * @param requestsPerSec completed
 * @param meanStreamUs mean time of a request in us
 * @returns (rate x time - connections) / connections: -0.1 means that a tenth of the connections' time is unexplained
 */
export function littleResidual(connections: number, requestsPerSec: number, meanStreamUs: number): number {
  return (requestsPerSec * (meanStreamUs / 1e6)) / connections - 1;
}
