import type { Behaviour, Judgement, PlainReading } from '../model/calibration.ts';
import type { TargetCounters } from '../model/evidence.ts';
import { formatCount } from '../stats/format-figure.ts';
import { describeTruth, FIRST_BYTE_SHARE, isSameCount } from './calibration-truth.ts';

/**
 * What a person who has nothing but the tool's own report believes, held against what the server did.
 *
 * @param truth what the server counted; undefined where it does not
 */
export function judgePlainReport(
  behaviour: Behaviour,
  reading: PlainReading,
  truth: TargetCounters | undefined,
  connections: number,
): Judgement {
  const said = reading.words === '' ? 'nothing' : reading.words;
  const judged = (verdict: Judgement['verdict'], because: string): Judgement => ({ verdict, said, because });
  if (!reading.hasReport) return judged('blind', 'it printed no report');
  const { fine, failed, open, held } = reading;
  const happened = describeTruth(behaviour, truth);

  if (behaviour.truth.includes('held')) {
    if (held === connections) return judged('right', `it held all ${connections} streams`);
    if (fine > 0) return judged('wrong', `it counts ${formatCount(fine)} finished responses; ${happened}`);
    if (failed > 0) return judged('wrong', `it counts ${formatCount(failed)} failures; ${happened}`);
    if (open > 0) return judged('blind', 'it cut the streams itself and cannot say whether they were alive');
    return judged('wrong', `it says that nothing was served; ${happened}`);
  }
  if (!behaviour.truth.includes('completed')) {
    if (fine > 0) {
      return judged('wrong', `it presents ${formatCount(fine)} responses as good; ${happened}`);
    }
    if (failed > 0) return judged('right', 'it says that streams fail and none was good');
    if (open > 0) return judged('blind', 'it cut the streams itself and cannot say whether they were alive');
    return judged('blind', 'it says neither that anything failed nor that anything was served');
  }
  if (failed > 0) return judged('wrong', `it counts ${formatCount(failed)} failures; ${happened}`);
  if (fine === 0) return judged('wrong', `it says that nothing was served; ${happened}`);
  const completed = truth?.streamsCompleted;
  if (completed !== undefined && !isSameCount(fine, completed, connections)) {
    return judged('wrong', `it counts ${formatCount(fine)} good responses; ${happened}`);
  }
  return judgeIds(behaviour, reading, judged) ?? judgeFirstByte(behaviour, reading, judged);
}

/** Undefined where the ids of the events are as they should be, or nobody looks for anything in them. */
function judgeIds(
  { hasIdFaults }: Behaviour,
  { idFaults }: PlainReading,
  judged: (verdict: Judgement['verdict'], because: string) => Judgement,
): Judgement | undefined {
  if (!hasIdFaults) return undefined;
  if (idFaults === undefined)
    return judged('blind', 'its count is right, but it does not look into the events');
  return idFaults > 0
    ? judged('right', `it says that ids are missing or repeated, ${formatCount(idFaults)} in all`)
    : judged('wrong', 'it looks into the events and finds no id missing or repeated');
}

function judgeFirstByte(
  { firstByteMs }: Behaviour,
  reading: PlainReading,
  judged: (verdict: Judgement['verdict'], because: string) => Judgement,
): Judgement {
  if (firstByteMs === undefined) return judged('right', 'its count is that of the server');
  if (reading.firstByteMs === undefined) {
    return judged('blind', 'it prints no time to the first byte, which alone shows what is wrong');
  }
  const shown = `a first byte after ${formatCount(reading.firstByteMs)} ms`;
  return reading.firstByteMs < firstByteMs * FIRST_BYTE_SHARE
    ? judged('wrong', `it prints ${shown}; none came before ${firstByteMs} ms`)
    : judged('right', `its count is that of the server, and it prints ${shown}`);
}
