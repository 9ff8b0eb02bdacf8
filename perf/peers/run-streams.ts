/** What a peer does with one stream. */
export interface PeerStream {
  close(): void;
}

/**
 * The frame of a peer program, `program URL CONNECTIONS SECONDS`: hold the streams for the time, print what came.
 * @param open starts one stream and reports what happens on it
 */
export async function runStreams(
  open: (url: string, onEvent: () => void, onFailure: () => void) => PeerStream,
): Promise<void> {
  const [url, connections, seconds] = process.argv.slice(2);
  let events = 0;
  let failures = 0;
  let over = false;
  const streams = Array.from({ length: Number(connections) }, () =>
    open(
      url!,
      () => {
        events++;
      },
      () => {
        if (!over) failures++;
      },
    ),
  );
  await new Promise((resolve) => setTimeout(resolve, Number(seconds) * 1000));
  over = true;
  for (const stream of streams) stream.close();
  process.stdout.write(`${JSON.stringify({ events, failures })}\n`);
  // Connections that close politely would keep the process, and its CPU time, alive for no one.
  process.exit(0);
}
