import { readdirSync, readFileSync } from 'node:fs';
import { formatScenarioErrors, parseScenario, type Scenario } from '../../src/scenario/parse-scenario.ts';

const SCENARIOS = new URL('../../scenarios/', import.meta.url);
const FIXTURES = new URL('../fixtures/scenarios/', import.meta.url);

/** Names of the scenarios that come with the harness. */
export const SCENARIO_FILES = readdirSync(SCENARIOS).filter((name) => name.endsWith('.yaml'));
export const FIXTURE_FILES = readdirSync(FIXTURES);

export function readScenarioText(name: string): string {
  return readFileSync(new URL(name, SCENARIOS), 'utf8');
}

export function readFixtureText(name: string): string {
  return readFileSync(new URL(name, FIXTURES), 'utf8');
}

/** A small valid scenario; each part can be replaced by YAML of one's own, or left out with an empty text. */
export function scenarioText(parts: Partial<Record<string, string>> = {}): string {
  const all: Partial<Record<string, string>> = {
    name: 'small',
    target: '{use: node-http}',
    request: '{path: /events?count=5}',
    stream: 'finite',
    load: '{connections: 10, duration: 2s}',
    tools: '[curl]',
    ...parts,
  };
  return Object.entries(all)
    .filter(([, value]) => value !== '')
    .map(([key, value]) => `${key}: ${value}\n`)
    .join('');
}

/** The scenario in a text that must be valid. */
export function parseValid(text: string): Scenario {
  const parsed = parseScenario(text, 'test.yaml');
  if ('errors' in parsed) throw new Error(formatScenarioErrors(parsed.errors));
  return parsed.scenario;
}

/** `line:column: message` of each error in a text. */
export function errorsIn(text: string): string[] {
  const parsed = parseScenario(text, 'test.yaml');
  if ('scenario' in parsed) return [];
  return parsed.errors.map(({ line, column, message }) => `${line}:${column}: ${message}`);
}
