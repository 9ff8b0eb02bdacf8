import { pathToFileURL } from 'node:url';
import { EventDecoder } from '../src/sse/event-decoder.ts';
import { EventParser, type EventVisitor } from '../src/sse/event-parser.ts';
import { planPairs } from './pairing.ts';
import { makeStream, type ShapedStream, type ShapeName } from './parser-shapes.ts';

// A program of its own, `parser-contest CONTEST SHAPE PAIRS ROUND_MS PEER`: one contest and one shape per process, so
// that each parser is compiled for what it does here and for nothing else. PEER is the path of eventsource-parser.

/** What one round parsed and what it cost. */
export interface ParserRound {
  events: number;
  cpuUs: number;
}

export interface ContestOutput {
  bytesPerEvent: number;
  pairs: { first: 'ours' | 'peer'; ours: ParserRound; peer: ParserRound }[];
}

type Pass = (stream: ShapedStream) => number;

interface PeerModule {
  createParser(config: { onEvent(event: { data: string }): void }): { feed(chunk: string): void };
}

const STREAM_BYTES = 4 * 1024 * 1024;
const WARMUP_PASSES = 20;

/** What ssee-tester does: ranges of bytes, no strings. */
class CountingVisitor implements EventVisitor {
  events = 0;
  dataBytes = 0;
  onData(_buf: Buffer, start: number, end: number): void {
    this.dataBytes += end - start;
  }
  onDispatch(): void {
    this.events++;
  }
  onId(): void {}
  onEventType(): void {}
  onRetry(): void {}
  onBadRetry(): void {}
  onComment(): void {}
  onDiscard(): void {}
}

function parseRanges({ splits }: ShapedStream): number {
  const visitor = new CountingVisitor();
  const parser = new EventParser(visitor);
  for (const split of splits) parser.push(split, 0, split.length);
  return visitor.events;
}

function parseToStrings({ splits }: ShapedStream): number {
  let events = 0;
  let characters = 0;
  const decoder = new EventDecoder((event) => {
    events++;
    characters += event.data.length;
  });
  for (const split of splits) decoder.push(split);
  return characters > 0 ? events : 0;
}

/** @param decodes whether making text of the bytes is part of the work, as it is for who reads a socket */
function peerPass({ createParser }: PeerModule, decodes: boolean): Pass {
  return ({ splits, texts }) => {
    let events = 0;
    let characters = 0;
    const parser = createParser({
      onEvent(event) {
        events++;
        characters += event.data.length;
      },
    });
    if (decodes) {
      const decoder = new TextDecoder();
      for (const split of splits) parser.feed(decoder.decode(split, { stream: true }));
    } else {
      for (const text of texts) parser.feed(text);
    }
    return characters > 0 ? events : 0;
  };
}

function runRound(pass: Pass, stream: ShapedStream, roundUs: number): ParserRound {
  const before = process.cpuUsage();
  let events = 0;
  for (;;) {
    events += pass(stream);
    // Of the whole process: collecting garbage is part of the price, and other threads do it.
    const { user, system } = process.cpuUsage(before);
    if (user + system >= roundUs) return { events, cpuUs: user + system };
  }
}

async function main([contest, shape, pairs, roundMs, peer]: string[]): Promise<void> {
  const stream = makeStream(shape as ShapeName, STREAM_BYTES);
  const module = (await import(pathToFileURL(peer!).href)) as PeerModule;
  const passes = {
    ours: contest === 'strings' ? parseToStrings : parseRanges,
    peer: peerPass(module, contest !== 'text'),
  };
  for (let pass = 0; pass < WARMUP_PASSES; pass++) {
    for (const side of ['ours', 'peer'] as const) {
      const events = passes[side](stream);
      if (events !== stream.events) throw new Error(`${side}: ${events} events of ${stream.events}`);
    }
  }
  const roundUs = Number(roundMs) * 1000;
  const output: ContestOutput = {
    bytesPerEvent: stream.bytes / stream.events,
    pairs: planPairs(Number(pairs)).map((first) => {
      const earlier = runRound(passes[first], stream, roundUs);
      const later = runRound(passes[first === 'ours' ? 'peer' : 'ours'], stream, roundUs);
      return first === 'ours' ? { first, ours: earlier, peer: later } : { first, ours: later, peer: earlier };
    }),
  };
  process.stdout.write(`${JSON.stringify(output)}\n`);
}

await main(process.argv.slice(2));
