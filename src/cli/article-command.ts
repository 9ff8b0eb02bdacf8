import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { unjudgedClaims } from '../claims/evaluate-claims.ts';
import type { ArticlePart, ArticleResult } from '../model/article.ts';
import type { Comparison } from '../model/comparison.ts';
import { UserError } from '../model/errors.ts';
import type { RunRecord } from '../model/run-record.ts';
import { readEnvironment } from '../observe/environment.ts';
import { reportArticleHtml } from '../report/article/html.ts';
import { reportArticleMarkdown } from '../report/article/markdown.ts';
import { countVerdicts } from '../report/article/summarize.ts';
import { deriveComparison } from '../run/derive-comparison.ts';
import { writeFileAtomically } from '../run/run-store.ts';
import { HARNESS_VERSION } from '../run/version.ts';
import { writeReports } from '../run/write-reports.ts';
import type { Scenario } from '../scenario/parse-scenario.ts';
import { requireTool } from '../tools/index.ts';
import { measureScenario, readScenario } from './run-command.ts';

export interface ArticleCommandOptions {
  /** Where run folders are made. */
  out: string;
  /** Where article.md, article.html and article.json go. */
  docs: string;
  /** Names of scenario files without `.yaml`, comma-separated. */
  only?: string;
}

const INTERRUPTED = 130;

/**
 * `ssee-bench article FOLDER`: run every scenario of a family and judge its claims. What cannot be run here is skipped with
 * its reason and is no failure.
 * @returns 0, or 130 when interrupted
 */
export async function articleCommand(folder: string, options: ArticleCommandOptions): Promise<number> {
  const startedAt = new Date();
  const files = findScenarios(folder, options.only);
  // A mistake in one of them must not cost the measurements of the others.
  const scenarios = files.map((file) => ({ path: join(folder, file), ...readScenario(join(folder, file)) }));
  const parts: ArticlePart[] = [];
  let interrupted = false;
  for (const { path, scenario } of scenarios) {
    process.stderr.write(`\n${scenario.name} (${parts.length + 1} of ${scenarios.length})\n`);
    const part = await runPart(path, scenario, options.out);
    parts.push(part.part);
    for (const { verdict, text } of part.part.claims) process.stderr.write(`  ${verdict}: ${text}\n`);
    if (part.part.reason !== null) process.stderr.write(`  skipped: ${part.part.reason}\n`);
    interrupted = part.interrupted;
    if (interrupted) break;
  }
  const article: ArticleResult = {
    schema: 'ssee-bench/article/1',
    startedAt: startedAt.toISOString(),
    durationS: Math.round((Date.now() - startedAt.getTime()) / 1000),
    complete: options.only === undefined && !interrupted,
    harnessVersion: HARNESS_VERSION,
    environment: readEnvironment(),
    parts,
  };
  writeArticle(options.docs, article);
  process.stdout.write(`${countVerdicts(article)}\n${join(options.docs, 'article.md')}\n`);
  return interrupted ? INTERRUPTED : 0;
}

function findScenarios(folder: string, only: string | undefined): string[] {
  let files: string[];
  try {
    files = readdirSync(folder).filter((file) => file.endsWith('.yaml'));
  } catch {
    throw new UserError(`${folder} is no folder; name one with scenarios, such as scenarios/seed`);
  }
  const wanted = only?.split(',').map((name) => name.trim());
  for (const name of wanted ?? []) {
    if (!files.includes(`${name}.yaml`)) {
      throw new UserError(`--only ${name}: ${folder} has no ${name}.yaml; it has ${files.join(', ')}`);
    }
  }
  return files.filter((file) => wanted?.includes(file.replace(/\.yaml$/, '')) ?? true).sort();
}

async function runPart(
  path: string,
  scenario: Scenario,
  out: string,
): Promise<{ part: ArticlePart; interrupted: boolean }> {
  const head = { name: scenario.name, path, description: scenario.description ?? null };
  try {
    const { runDir, run } = await measureScenario(path, { out });
    // As `report` will read it.
    const stored = JSON.parse(JSON.stringify(run)) as RunRecord;
    const derived = deriveComparison(runDir, requireTool, stored);
    writeReports(runDir, derived, ['json', 'md', 'html']);
    return { part: describePart(head, derived.comparison), interrupted: run.state === 'interrupted' };
  } catch (error) {
    // A defect met in one scenario must not cost the measurements of the others; its stack is for whoever mends it.
    const isDefect = !(error instanceof UserError);
    const { message, stack } = error instanceof Error ? error : new Error(String(error));
    if (isDefect) process.stderr.write(`${stack}\n`);
    const reason = isDefect ? `internal error: ${message}` : message;
    return {
      part: {
        scenario: head,
        state: 'skipped',
        reason,
        startedAt: null,
        problems: isDefect ? [reason] : [],
        claims: unjudgedClaims(scenario.claims, reason, { file: path }),
        probes: {},
      },
      interrupted: error instanceof UserError && error.exitCode === INTERRUPTED,
    };
  }
}

function describePart(scenario: ArticlePart['scenario'], comparison: Comparison): ArticlePart {
  const { arms, problems, claims, probes = {}, startedAt } = comparison;
  const failed = arms.flatMap(({ trials }) =>
    trials.flatMap(({ id, state, reason }) => (state === 'done' ? [] : [`${id} ${state}: ${reason}`])),
  );
  return {
    scenario,
    state: 'done',
    reason: null,
    startedAt,
    problems: [...problems, ...failed],
    claims,
    probes,
  };
}

/** @throws UserError when the folder cannot be written */
function writeArticle(docs: string, article: ArticleResult): void {
  try {
    mkdirSync(docs, { recursive: true });
    writeFileAtomically(join(docs, 'article.json'), `${JSON.stringify(article, null, 1)}\n`);
    writeFileAtomically(join(docs, 'article.md'), reportArticleMarkdown(article));
    writeFileAtomically(join(docs, 'article.html'), reportArticleHtml(article));
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new UserError(`cannot write the article to ${docs}: ${code ?? message}; choose another --docs`, 1);
  }
}
