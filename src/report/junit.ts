import type { Comparison } from '../model/comparison.ts';
import { type Check, listChecks } from './list-checks.ts';

/** What a check that did not pass is called in a report of tests. */
const ELEMENTS = { failed: 'failure', error: 'error', unknown: 'skipped' } as const;

/**
 * One test suite with a case for every check of the run. Follows the schema that Jenkins and its
 * imitators publish, in the order of attributes and elements of the stricter one of Ant.
 */
export function reportJunit(comparison: Comparison): string {
  const { scenario, startedAt, environment } = comparison;
  const checks = listChecks(comparison);
  const count = (state: Check['state']): number => checks.filter((check) => check.state === state).length;
  const time = checks.reduce((sum, { seconds }) => sum + seconds, 0);
  const attributes = {
    package: 'ssee-bench',
    id: '0',
    name: scenario.name,
    // Ant's schema has no place for a time zone.
    timestamp: startedAt.replace(/\.\d+Z$/, '').replace(/Z$/, ''),
    hostname: 'localhost',
    tests: String(checks.length),
    failures: String(count('failed')),
    errors: String(count('error')),
    skipped: String(count('unknown')),
    time: time.toFixed(3),
  };
  const properties = [
    ['verdict', comparison.verdict],
    ['state', comparison.state],
    ['scenario', scenario.path],
    ['sha256', scenario.sha256],
    ['cpu', `${environment.cpus} x ${environment.cpuModel}`],
    ['kernel', environment.kernel],
    ['node', environment.node],
    ['ssee-bench', comparison.harnessVersion],
  ] as const;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<testsuites>',
    `  <testsuite${writeAttributes(attributes)}>`,
    '    <properties>',
    ...properties.map(([name, value]) => `      <property${writeAttributes({ name, value })}/>`),
    '    </properties>',
    ...checks.map((check) => writeCase(scenario.name, check)),
    `    <system-out>${escapeXml(comparison.verdict)}</system-out>`,
    `    <system-err>${escapeXml(comparison.problems.join('\n'))}</system-err>`,
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
}

function writeCase(suite: string, { group, name, state, type, message, seconds }: Check): string {
  const attributes = { name, classname: `${suite}.${group}`, time: seconds.toFixed(3) };
  const head = `    <testcase${writeAttributes(attributes)}`;
  if (state === 'passed') return `${head}/>`;
  // Ant's schema knows no type of a skipped case.
  const problem = state === 'unknown' ? { message } : { message, type };
  return `${head}>\n      <${ELEMENTS[state]}${writeAttributes(problem)}/>\n    </testcase>`;
}

function writeAttributes(attributes: Record<string, string>): string {
  return Object.entries(attributes)
    .map(([name, value]) => ` ${name}="${escapeXml(value)}"`)
    .join('');
}

const ENTITIES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};

/** XML 1.0 has no way at all to write most control characters and lone surrogates: they become U+FFFD. */
function escapeXml(text: string): string {
  return text
    .replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '\ufffd')
    .replace(/[&<>"']/g, (character) => ENTITIES[character]!)
    .replace(/[\t\n\r]/g, (character) => `&#${character.charCodeAt(0)};`);
}
