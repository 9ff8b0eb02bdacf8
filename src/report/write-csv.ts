import { stringify } from 'csv-stringify/sync';

export type CsvRow = (string | number | boolean)[];

/**
 * Rows as RFC 4180 with line feeds. Text that a spreadsheet would run as a formula is quoted with an apostrophe;
 * numbers stay numbers. Text must be clean already.
 */
export function writeCsv(rows: readonly CsvRow[]): string {
  return stringify([...rows], {
    escape_formulas: true,
    record_delimiter: 'unix',
    cast: {
      // A negative number would be taken for a formula and quoted.
      number: (value) => ({ value: String(value), escape_formulas: false }),
      boolean: (value) => String(value),
      string: (value) => value,
    },
  });
}
