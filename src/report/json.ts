import type { Comparison } from '../model/comparison.ts';
import { comparisonSchema } from './comparison-schema.ts';

/**
 * comparison.json. Parsing puts the keys into the schema's order and refuses what JSON would turn into null
 * (NaN, infinities): such a number is a bug of the code before this.
 */
export function reportJson(comparison: Comparison): string {
  return `${JSON.stringify(comparisonSchema.parse(comparison), null, 2)}\n`;
}
