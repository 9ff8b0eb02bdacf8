import { median } from '../../stats/median.ts';
import { headerArgs, joinWords, noReport, type TypedTool, typedCommand } from '../typed-tool.ts';

const FORMAT =
  '%{http_code}, %{size_download} bytes, first byte after %{time_starttransfer} s, exit %{exitcode} %{errormsg}\\n';
const LINE = /^(\d{3}), (\d+) bytes, first byte after (\d+\.\d+) s, exit (\d+) ?(.*)$/;
/** Its time was over. */
const EXIT_TIMEOUT = 28;

interface Transfer {
  status: number;
  bytes: number;
  firstByteMs: number;
  exit: number;
  error: string;
}

export const typedCurl: TypedTool = {
  command: (trial) =>
    typedCommand(trial, [
      'curl',
      '-sS',
      '-N',
      '-Z',
      '--parallel-immediate',
      '-m',
      String(trial.durationMs / 1000),
      ...headerArgs(trial),
      '-w',
      FORMAT,
      ...Array.from({ length: trial.connections }, () => ['-o', '/dev/null', trial.url]).flat(),
    ]),

  read({ stdout }) {
    const transfers = stdout.split('\n').flatMap(readLine);
    if (transfers.length === 0) return noReport();
    const fine = transfers.filter(({ exit, status }) => exit === 0 && status > 0 && status < 400);
    const open = transfers.filter(isOpen);
    const firstByteMs = median(fine.map((transfer) => transfer.firstByteMs));
    return {
      hasReport: true,
      fine: fine.length,
      failed: transfers.length - fine.length - open.length,
      open: open.length,
      held: 0,
      ...(firstByteMs === undefined ? {} : { firstByteMs }),
      words: joinWords(countAlike(transfers.map(describe))),
    };
  },
};

/** Cut by curl's own limit in the middle of an answer: healthy or not, that is all it knows. */
function isOpen({ exit, status }: Transfer): boolean {
  return exit === EXIT_TIMEOUT && status > 0 && status < 400;
}

function readLine(line: string): Transfer[] {
  const [, status, bytes, firstByteS, exit, error] = LINE.exec(line) ?? [];
  if (status === undefined) return [];
  return [
    {
      status: Number(status),
      bytes: Number(bytes),
      firstByteMs: Number(firstByteS) * 1000,
      exit: Number(exit),
      error: error ?? '',
    },
  ];
}

/** Without the figures that differ from one to the next. */
function describe({ status, exit, error }: Transfer): string {
  const text = error.replace(/ after \d.*$/, '').replace(/ with \d.*$/, '');
  return `${String(status).padStart(3, '0')}, exit ${exit}${text === '' ? '' : ` ${text}`}`;
}

function countAlike(texts: readonly string[]): string[] {
  return [...new Set(texts)].map((text) => `${texts.filter((other) => other === text).length} x "${text}"`);
}
