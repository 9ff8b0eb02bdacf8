import { get } from 'node:http';
import { waitUntil } from '../../helpers/wait-until.ts';

/** What a target has counted between two readings, by sample name without its prefix. */
export interface ServerCounts {
  of(sample: string): number;
}

/** Reads a target's counters in such a way that the readings can be told from the load. */
export class ServerReader {
  private readonly port: number;
  private readings = 0;
  private before: Map<string, number> | undefined;
  private readingsBefore = 0;

  constructor(port: number) {
    this.port = port;
  }

  /** What has been counted since the call before, once nothing is open any more. */
  async settle(): Promise<ServerCounts> {
    let now = new Map<string, number>();
    await waitUntil('nothing is open', async () => {
      now = await this.read();
      // The one connection is that of the reading itself.
      return now.get('streams_open') === 0 && now.get('connections_open') === 1;
    });
    const before = this.before ?? new Map<string, number>();
    const readings = this.readings - this.readingsBefore;
    this.before = now;
    this.readingsBefore = this.readings;
    return {
      of(sample) {
        const own =
          sample === 'connections_total' || sample === 'requests_total{route="/metrics"}' ? readings : 0;
        return (now.get(sample) ?? 0) - (before.get(sample) ?? 0) - own;
      },
    };
  }

  private async read(): Promise<Map<string, number>> {
    this.readings++;
    const text = await new Promise<string>((resolve, reject) => {
      const request = get(
        { host: '127.0.0.1', port: this.port, path: '/metrics', agent: false },
        (response) => {
          let body = '';
          response.setEncoding('utf8');
          response.on('data', (part: string) => {
            body += part;
          });
          response.once('end', () => resolve(body));
          response.once('error', reject);
        },
      );
      request.once('error', reject);
    });
    const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    return new Map(
      lines.map((line) => {
        const space = line.lastIndexOf(' ');
        return [line.slice(0, space).replace(/^ssee_target_/, ''), Number(line.slice(space + 1))];
      }),
    );
  }
}
