import { performance } from 'node:perf_hooks';
import { formatEvent, wallClockUs } from '../shared/event-format.ts';
import { createRandom } from '../shared/random.ts';
import { COUNT, type ParameterKind, resumeAfter } from '../shared/stream-query.ts';
import type { Exchange } from './exchange.ts';
import { type CommentKind, retryKind } from './oddities.ts';
import { SequenceLedger } from './sequence-ledger.ts';
import { planIds } from './sequence-plan.ts';
import { finite, interval, type StreamRoute } from './stream-route.ts';
import { writeHead } from './stream-writing.ts';

const MOST_IDS = 1000;
const MOST_RETRIES = 100;
const BURST = { min: 1, max: 10_000 };
const SEED = { min: 0, max: 2 ** 31 };
/** Its whole plan is in memory. */
const SEQUENCE_COUNT = { min: 1, max: 1_000_000 };
const COMMENTS = { min: 1, max: 1000 };
const AFTER = { min: 1, max: 1_000_000 };
const OVER_RECONNECT = { min: 0, max: 1000 };

const IDS: ParameterKind = {
  pattern: new RegExp(`^\\d{1,15}(,\\d{1,15}){0,${MOST_IDS - 1}}$`),
  want: `at most ${MOST_IDS} whole numbers, like 1,2,4`,
};
const RETRIES: ParameterKind = {
  pattern: new RegExp(`^[\\w.+-]{0,40}(,[\\w.+-]{0,40}){0,${MOST_RETRIES - 1}}$`),
  want: `at most ${MOST_RETRIES} words, like 3000,-1,soon`,
};
const FAULT: ParameterKind = { pattern: /^(?:fin|reset)$/, want: 'fin or reset' };

/** The longest comment that the article allows, and one character more; the space after the colon is one of them. */
const LONGEST_COMMENT = ` ${'x'.repeat(254)}漢`;
const CONTROL_CHARACTERS = ['\u0000', '\u0007', '\t', '\u001b[31m', '\u001f', '\u007f'];

const ratio = (name: string): StreamRoute['parameters'] => ({ [name]: { kind: 'ratio', fallback: 0 } });

/** What the state machine of a client has to see: ids, comments, `retry` fields, and ids over a reconnect. */
export const CLIENT_ROUTES: Record<string, StreamRoute> = {
  '/sequence': {
    parameters: {
      count: { kind: SEQUENCE_COUNT, fallback: 100 },
      ...interval(10),
      burst: { kind: BURST, fallback: 1 },
      seed: { kind: SEED, fallback: 1 },
      ...ratio('gap'),
      ...ratio('dup'),
      ...ratio('rollback'),
      ...ratio('reorder'),
      ids: { kind: IDS, fallback: '' },
    },
    async serve(exchange, { count, interval, burst, seed, gap, dup, rollback, reorder }, { ids }) {
      const mishaps = { gap: gap!, dup: dup!, rollback: rollback!, reorder: reorder! };
      const plan = ids === '' ? planIds(count!, mishaps, seed!) : ids!.split(',').map(Number);
      const { sequence } = exchange.oddities;
      const ledger = new SequenceLedger((kind, ids) => {
        sequence[kind] += ids;
      });
      try {
        await writeHead(exchange);
        const bursts = Math.ceil(plan.length / burst!);
        await onSchedule(exchange, bursts, interval!, async (index) => {
          const sent = plan.slice(index * burst!, (index + 1) * burst!);
          const tsUs = wallClockUs();
          await exchange.writeChunk(sent.map((id) => formatEvent(id, tsUs, 0)).join(''), sent.length);
          for (const id of sent) ledger.note(id);
        });
        await exchange.write(exchange.lastChunk);
      } finally {
        // Also where the client has left: what was missing then stays missing.
        ledger.end();
      }
      return 'completed';
    },
  },

  '/comments': {
    parameters: {
      ...finite,
      comments: { kind: COMMENTS, fallback: 3 },
      seed: { kind: SEED, fallback: 1 },
      ...ratio('long'),
      ...ratio('control'),
    },
    async serve(exchange, { count, interval, comments, seed, long, control }) {
      const random = createRandom(seed!);
      const pick = (): CommentKind => {
        const roll = random();
        return roll < long! ? 'long' : roll < long! + control! ? 'control' : 'heartbeat';
      };
      await writeHead(exchange);
      await onSchedule(exchange, count!, interval!, async (index) => {
        const kinds = Array.from({ length: comments! }, pick);
        const lines = kinds.map((kind) => `:${commentText(kind, random)}\n\n`);
        const event = formatEvent(index + 1, wallClockUs(), 0);
        await exchange.writeChunk(lines.join('') + event, 1, comments!);
        for (const kind of kinds) exchange.oddities.comments[kind]++;
      });
      await exchange.write(exchange.lastChunk);
      return 'completed';
    },
  },

  '/retry': {
    parameters: { ...finite, values: { kind: RETRIES, fallback: '5,3000,-1,soon' } },
    async serve(exchange, { count, interval }, { values }) {
      const texts = values!.split(',');
      await writeHead(exchange);
      await onSchedule(exchange, count!, interval!, async (index) => {
        const text = texts[index % texts.length]!;
        await exchange.writeChunk(`retry: ${text}\n${formatEvent(index + 1, wallClockUs(), 0)}`, 1);
        exchange.oddities.retries[retryKind(text)]++;
      });
      await exchange.write(exchange.lastChunk);
      return 'completed';
    },
  },

  '/lossy-resume': {
    parameters: {
      after: { kind: AFTER, fallback: 5 },
      ...interval(10),
      lost: { kind: OVER_RECONNECT, fallback: 2 },
      doubled: { kind: OVER_RECONNECT, fallback: 2 },
      retry: { kind: 'duration', fallback: 50 },
      times: { kind: COUNT, fallback: 0 },
      fault: { kind: FAULT, fallback: 'fin' },
    },
    async serve(exchange, { after, interval, lost, doubled, retry, times }, { fault }) {
      const { sequence, retries } = exchange.oddities;
      const seen = resumeAfter(exchange.request.headers.get('last-event-id'));
      // The ids tell how often the stream has broken: nothing needs to be remembered between its connections.
      const breaks = seen === 0 ? 0 : Math.floor((seen + lost!) / (after! + lost!));
      // Not further back than the connection before: ids that were left out then must not come now.
      const repeated = Math.min(doubled!, after!, seen);
      const fresh = seen === 0 ? 1 : seen + lost! + 1;
      const ids = [
        ...Array.from({ length: repeated }, (_, index) => seen - repeated + 1 + index),
        ...Array.from({ length: after! }, (_, index) => fresh + index),
      ];
      const retryText = String(Math.round(retry!));
      await writeHead(exchange);
      await onSchedule(exchange, ids.length, interval!, async (index) => {
        const id = ids[index]!;
        const lines = index === 0 ? `retry: ${retryText}\n` : '';
        await exchange.writeChunk(lines + formatEvent(id, wallClockUs(), 0), 1);
        if (index === 0) retries[retryKind(retryText)]++;
        if (id <= seen) sequence.replayed++;
        else if (id === fresh && seen > 0) sequence['lost-over-reconnect'] += lost!;
      });
      if (times! > 0 && breaks >= times!) {
        await exchange.clientLeaves();
        return 'stalled';
      }
      await exchange.sleep(interval!);
      if (fault === 'reset') {
        exchange.reset();
        return 'reset';
      }
      exchange.finish();
      return 'closed-early';
    },
  },
};

/** Step i at start + i * interval; what is late does not delay the others. */
async function onSchedule(
  exchange: Exchange,
  steps: number,
  intervalMs: number,
  step: (index: number) => Promise<void>,
): Promise<void> {
  const startMs = performance.now();
  for (let index = 0; index < steps; index++) {
    await exchange.sleepUntil(startMs + index * intervalMs);
    await step(index);
  }
}

function commentText(kind: CommentKind, random: () => number): string {
  switch (kind) {
    case 'heartbeat':
      // Some as long as they may be: a client that counts bytes instead of characters would object.
      return random() < 0.5 ? ' hb' : LONGEST_COMMENT;
    case 'long':
      return `${LONGEST_COMMENT}x`;
    case 'control':
      return ` hb${CONTROL_CHARACTERS[Math.floor(random() * CONTROL_CHARACTERS.length)]}`;
  }
}
