import type { CaptureMode } from '../model/plan.ts';
import type { CaptureRecord } from '../model/wire.ts';
import type { NetworkSpace } from '../process/network-space.ts';

export interface CaptureRequest {
  mode: Exclude<CaptureMode, 'off'>;
  /** TCP port of the target. */
  port: number;
  /** Port of the target behind a proxy, recorded as well. */
  upstreamPort?: number;
  /** Address whose packets are left out. */
  exceptHost?: string;
  /** @default large enough for full speed on loopback */
  bufferKib?: number;
  /** Absolute path of the file to write. */
  file: string;
  space: NetworkSpace;
  /** Deliver packets at once instead of in blocks: for tiny probes only, dear under load. */
  immediate: boolean;
}

/** A capture that has said it is listening. */
export interface ActiveCapture {
  /** Waits for the tail, stops, returns the counts. Never rejects: a failure is a record. */
  stop(): Promise<CaptureRecord>;
}

export interface PacketCapture {
  name: string;
  /** Can this machine capture at all? Proved by a real short capture, since listing interfaces needs no rights. */
  probe(
    space: NetworkSpace,
  ): Promise<{ available: true; version: string } | { available: false; reason: string; remedy: string }>;
  /** Resolves when packets are being recorded; rejects with UserError when they cannot be. */
  start(request: CaptureRequest): Promise<ActiveCapture>;
}
