import { readFileSync } from 'node:fs';

interface Reference {
  rankTests: {
    first: number[];
    second: number[];
    u: number;
    p: number;
    /** Absent for tied samples. */
    shift?: number;
    interval?: [number, number];
  }[];
  large: { first: number[]; second: number[]; p: number }[];
  fisher: { counts: [number, number, number, number]; p: number }[];
  holm: { ps: number[]; adjusted: number[] }[];
  trends: { values: number[]; p: number; slope: number }[];
  normal: { z: number; tail: number }[];
  outliers: { values: number[]; outliers: number[] }[];
  bootstrap: { first: number[]; second: number[]; interval: [number, number] }[];
}

/** Values by scipy and statsmodels; `make-reference.py` beside them says how. */
export const REFERENCE = JSON.parse(
  readFileSync(new URL('../fixtures/statistics/reference.json', import.meta.url), 'utf8'),
) as Reference;
