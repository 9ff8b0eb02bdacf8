import { CommanderError } from 'commander';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { reportError } from '../../src/cli/report-error.ts';
import { UserError } from '../../src/model/errors.ts';

let said = '';
beforeEach(() => {
  said = '';
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    said += String(text);
    return true;
  });
});
afterEach(() => vi.restoreAllMocks());

it('what the user can mend is one line and has its own exit code', () => {
  expect(reportError(new UserError('give a URL'))).toBe(2);
  expect(said).toBe('give a URL\n');
});

it('what commander has said already is not said again; help is no error', () => {
  expect(reportError(new CommanderError(1, 'commander.unknownOption', 'unknown option'))).toBe(2);
  expect(reportError(new CommanderError(0, 'commander.help', 'help'))).toBe(0);
  expect(said).toBe('');
});

it('a bug shows where it happened', () => {
  expect(reportError(new Error('broken'))).toBe(1);
  expect(said).toMatch(/^internal error: Error: broken\n\s+at /);
  said = '';
  expect(reportError('thrown text')).toBe(1);
  expect(said).toBe('internal error: thrown text\n');
});
