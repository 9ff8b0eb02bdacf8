import type { Calibration } from '../../model/calibration.ts';
import type { ReportOptions } from '../report-options.ts';
import { reportCalibrationMarkdown } from './markdown.ts';
import { reportCalibrationTerminal } from './terminal.ts';

/** A calibration as text, by format. The same calibration and options give the same bytes. */
export const CALIBRATION_REPORTERS: Record<
  'terminal' | 'md' | 'json',
  (calibration: Calibration, options: ReportOptions) => string
> = {
  terminal: reportCalibrationTerminal,
  md: reportCalibrationMarkdown,
  json: (calibration) => `${JSON.stringify(calibration, null, 2)}\n`,
};
