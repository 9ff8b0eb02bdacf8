import { LineCounter } from 'yaml';
import { checkClaims } from './check-claims.ts';
import { checkExpectation } from './check-expectation.ts';
import { checkFaults } from './check-faults.ts';
import { checkGate } from './check-gate.ts';
import { checkProfile } from './check-profile.ts';
import { checkRequest } from './check-request.ts';
import { checkTarget } from './check-target.ts';
import { checkTools } from './check-tools.ts';
import { explainIssues } from './explain-issue.ts';
import type { TextFault } from './fault.ts';
import { normalizeScenario } from './normalize-scenario.ts';
import { readYaml, type YamlContent } from './read-yaml.ts';
import type { Scenario, ScenarioError } from './scenario.ts';
import { scenarioSchema, type ValidScenario } from './schema.ts';

export type { Scenario, ScenarioError } from './scenario.ts';

/**
 * The scenario that a YAML text describes, or every error in it, in the order of the text. Never throws.
 * @param file name for the errors alone; nothing is read
 */
export function parseScenario(
  text: string,
  file: string,
): { scenario: Scenario } | { errors: ScenarioError[] } {
  // Editors do not count the byte order mark as a column.
  const source = text.replace(/^\uFEFF/, '');
  const { faults, content } = readYaml(source);
  const checked = content ? checkContent(content) : { faults: [] };
  const all = [...faults, ...checked.faults];
  if (all.length === 0 && content && checked.valid) {
    const lines = countLines(source);
    return {
      scenario: normalizeScenario(checked.valid, (path) => {
        const { line, col } = lines.linePos(content.offsetOf(path, 'value') ?? 0);
        return { line, column: col };
      }),
    };
  }
  return { errors: placeFaults(all, source, file) };
}

/** One line per error: `file:line:column: message`. */
export function formatScenarioErrors(errors: readonly ScenarioError[]): string {
  return errors.map(({ file, line, column, message }) => `${file}:${line}:${column}: ${message}`).join('\n');
}

/** The checks across keys run on what the schema has refused as well, so that all errors come at once. */
function checkContent({ value, offsetOf }: YamlContent): { faults: TextFault[]; valid?: ValidScenario } {
  const result = scenarioSchema.safeParse(value);
  const faults = [
    ...(result.success ? [] : explainIssues(result.error.issues, value)),
    ...checkTarget(value),
    ...checkProfile(value),
    ...checkRequest(value),
    ...checkTools(value),
    ...checkExpectation(value),
    ...checkGate(value),
    ...checkClaims(value),
    ...checkFaults(value),
  ].flatMap(({ path, at, message }): TextFault[] => {
    const offset = offsetOf(path, at);
    return offset === undefined ? [] : [{ offset, message }];
  });
  return result.success ? { faults, valid: result.data } : { faults };
}

function placeFaults(faults: readonly TextFault[], source: string, file: string): ScenarioError[] {
  const lines = countLines(source);
  const errors = new Map<string, ScenarioError>();
  for (const { offset, message } of faults.toSorted((a, b) => a.offset - b.offset)) {
    const { line, col } = lines.linePos(Math.min(offset, source.length));
    // An alias used twice shows the mistake in what it names twice.
    errors.set(`${line}:${col}:${message}`, { file, line, column: col, message });
  }
  return [...errors.values()];
}

function countLines(source: string): LineCounter {
  const lines = new LineCounter();
  lines.addNewLine(0);
  for (const match of source.matchAll(/\n/g)) lines.addNewLine(match.index + 1);
  return lines;
}
