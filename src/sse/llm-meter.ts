import { LlmChunk, NOT_TOLD } from './llm-chunk.ts';
import type { LatencySink, LlmTally } from './llm-tally.ts';

const LF = Buffer.from('\n');
/** A larger buffer for the lines of one event is given back after it. */
const KEPT_BUFFER_BYTES = 4096;

/**
 * Measures the token streams of one connection, one after the other: `begin`, then per event `onData` for each of its
 * data lines and `onDispatch`, at last `onStreamEnd`. Reads no clock: all times are the caller's, in microseconds
 * from any origin, fractions allowed. Events of one read have one time, so the gaps between them are 0.
 *
 * First chunks and gaps are recorded as they come, also of streams that are cut later: leaving those out would hide
 * exactly the slow ones. What needs the end of a stream is recorded for completed ones only.
 */
export class LlmMeter {
  private readonly tally: LlmTally<LatencySink>;
  private readonly chunk = new LlmChunk();
  private inStream = false;
  private requestAtUs = 0;
  private chunks = 0;
  private contentChunks = 0;
  private firstChunkAtUs = 0;
  private lastChunkAtUs = 0;
  private firstContentAtUs = 0;
  private lastContentAtUs = 0;
  private sawOutput = false;
  private sawDone = false;
  private tokens = NOT_TOLD;
  /** Data lines of the event so far. */
  private lines = 0;
  /** The lines of a document that did not end in the first one, LF between them. */
  private carry: Buffer | null = null;
  private carryLength = 0;

  constructor(tally: LlmTally<LatencySink>) {
    this.tally = tally;
  }

  /** The request of a new stream is sent. A stream that has not ended by then counts as cut. */
  begin(requestAtUs: number): void {
    if (this.inStream) this.onStreamEnd(false);
    this.tally.counts.begun++;
    this.inStream = true;
    this.requestAtUs = requestAtUs;
    this.chunks = 0;
    this.contentChunks = 0;
    this.sawOutput = false;
    this.sawDone = false;
    this.tokens = NOT_TOLD;
    this.lines = 0;
    this.carryLength = 0;
  }

  /** The request is sent again, because the connection was gone before it could be answered: the same stream. */
  beginAgain(requestAtUs: number): void {
    this.requestAtUs = requestAtUs;
  }

  /** One data line of the event being received. */
  onData(buf: Buffer, start: number, end: number): void {
    if (this.lines++ === 0) {
      this.chunk.read(buf, start, end);
      if (this.chunk.isOpen) this.keep(buf, start, end);
    } else if (this.carryLength > 0) {
      // JSON breaks lines only between tokens.
      this.keep(LF, 0, 1);
      this.keep(buf, start, end);
    }
  }

  /** The event is complete. */
  onDispatch(atUs: number): void {
    const { chunk } = this;
    if (this.carryLength > 0 && this.lines > 1) chunk.read(this.carry!, 0, this.carryLength);
    this.lines = 0;
    this.carryLength = 0;
    if (this.carry !== null && this.carry.length > KEPT_BUFFER_BYTES) this.carry = null;
    if (!this.inStream) return;

    // Where every chunk carries usage, it is the sum so far: the last one counts.
    if (chunk.completionTokens !== NOT_TOLD) this.tokens = chunk.completionTokens;
    if (chunk.hasChoices) this.countChunk(atUs);
    else if (chunk.isDone) this.sawDone = true;
    else if (chunk.completionTokens === NOT_TOLD) this.tally.counts.otherEvents++;
  }

  /** @param completed whether the response ended as HTTP says it should */
  onStreamEnd(completed: boolean): void {
    if (!this.inStream) return;
    this.inStream = false;
    const { counts } = this.tally;
    if (!completed) {
      counts.cut++;
      return;
    }
    counts.completed++;
    if (!this.sawDone) counts.missingDone++;
    const { latencies } = this.tally;
    if (this.chunks === 0) counts.withoutChunks++;
    else record(latencies.vllm_e2el_us, this.lastChunkAtUs - this.requestAtUs);
    if (this.contentChunks > 0) {
      record(latencies.aiperf_request_latency_us, this.lastContentAtUs - this.requestAtUs);
    }
    this.countTokens();
  }

  private countChunk(atUs: number): void {
    const { counts, latencies } = this.tally;
    counts.chunks++;
    if (this.chunks++ === 0) {
      this.firstChunkAtUs = atUs;
      record(latencies.vllm_ttft_us, atUs - this.requestAtUs);
    } else {
      record(latencies.vllm_itl_us, atUs - this.lastChunkAtUs);
    }
    this.lastChunkAtUs = atUs;
    if (this.chunk.hasContent) this.countContent(atUs);
  }

  private countContent(atUs: number): void {
    const { counts, latencies } = this.tally;
    counts.contentChunks++;
    if (this.contentChunks++ === 0) {
      this.firstContentAtUs = atUs;
      record(latencies.aiperf_ttft_us, atUs - this.requestAtUs);
    } else {
      const gapUs = atUs - this.lastContentAtUs;
      record(latencies.aiperf_icl_us, gapUs);
      if (this.contentChunks === 2) record(latencies.aiperf_ttst_us, gapUs);
    }
    this.lastContentAtUs = atUs;
    if (this.chunk.hasOutput && !this.sawOutput) {
      this.sawOutput = true;
      record(latencies.aiperf_ttfo_us, atUs - this.requestAtUs);
    }
  }

  /** Everything that takes the number of output tokens, of a completed stream. */
  private countTokens(): void {
    const { counts, latencies, milliTokensPerSec } = this.tally;
    const { tokens } = this;
    if (tokens === NOT_TOLD) {
      counts.streamsWithoutUsage++;
      return;
    }
    counts.streamsWithUsage++;
    counts.outputTokens += tokens;
    if (tokens < 2) return;
    if (this.chunks > 0) {
      record(latencies.vllm_tpot_us, (this.lastChunkAtUs - this.firstChunkAtUs) / (tokens - 1));
    }
    if (this.contentChunks > 0) {
      const itlUs = (this.lastContentAtUs - this.firstContentAtUs) / (tokens - 1);
      record(latencies.aiperf_itl_us, itlUs);
      if (itlUs > 0) record(milliTokensPerSec, 1e9 / itlUs);
    }
  }

  private keep(buf: Buffer, start: number, end: number): void {
    const length = this.carryLength + (end - start);
    if (this.carry === null || this.carry.length < length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(256, length * 2));
      if (this.carry !== null) this.carry.copy(larger, 0, 0, this.carryLength);
      this.carry = larger;
    }
    buf.copy(this.carry, this.carryLength, start, end);
    this.carryLength = length;
  }
}

/** Clocks may be a hair apart: what would be negative counts as 0. */
function record(sink: LatencySink, amount: number): void {
  sink.recordUs(amount > 0 ? Math.round(amount) : 0, 1);
}
