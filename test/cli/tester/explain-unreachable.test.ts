import { describe, expect, it } from 'vitest';
import { explainUnreachable } from '../../../src/cli/tester/explain-unreachable.ts';
import type { TesterReport } from '../../../src/model/tester-report.ts';
import { sampleReport } from './sample-report.ts';

const { outcomes } = sampleReport();

function explain(
  ends: Partial<TesterReport['outcomes']>,
  errors: Record<string, number>,
  firstError?: string,
): string | undefined {
  return explainUnreachable('http://h/', {
    outcomes: { ...outcomes, attempted: 5, completed: 0, ...ends },
    errors,
    ...(firstError === undefined ? {} : { firstError }),
  });
}

describe('a server that could not be reached at all', () => {
  it.each([
    [{ refused: 5 }, 'ECONNREFUSED', /start the server or correct host and port$/],
    [{ 'client-aborted': 5 }, 'EMFILE', /raise the open-file limit/],
    [{ 'client-aborted': 5 }, 'EADDRNOTAVAIL', /--source-addresses$/],
    [{ 'client-aborted': 5 }, 'EADDRINUSE', /--source-addresses$/],
    [{ 'client-aborted': 3, refused: 2 }, 'ENOBUFS', /no memory left/],
    [{ refused: 5 }, 'DEPTH_ZERO_SELF_SIGNED_CERT', /--ca FILE.*--insecure$/],
    [{ refused: 5 }, 'UNABLE_TO_VERIFY_LEAF_SIGNATURE', /--ca FILE.*--insecure$/],
    [{ refused: 5 }, 'CERT_HAS_EXPIRED', /--ca FILE.*--insecure$/],
    [{ refused: 5 }, 'ERR_TLS_CERT_ALTNAME_INVALID', /--servername$/],
    [{ refused: 5 }, 'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED', /--cert and --key$/],
    [{ refused: 5 }, 'ERR_SSL_WRONG_VERSION_NUMBER', /use http:/],
  ])('has its remedy: %o by %s', (ends, code, remedy) => {
    expect(explain(ends, { [code]: 5 }, `connect ${code}`)).toMatch(remedy);
  });

  it('is told in one line, whatever the words of the error', () => {
    expect(explain({ refused: 5 }, {}, 'no\nconnection\u001b[2J')).toBe(
      'http://h/ cannot be reached: no connection [2J; start the server or correct host and port',
    );
    expect(explain({ refused: 5 }, {})).toContain('cannot be reached: no connection;');
  });

  it('is not the one to blame where no stream was begun', () => {
    expect(explain({ attempted: 0 }, {})).toBe(
      'http://h/: no stream was begun in the time; give a longer --duration',
    );
  });

  it('is none where one stream got further', () => {
    expect(explain({ refused: 4, completed: 1 }, { ECONNREFUSED: 4 })).toBeUndefined();
    expect(explain({ 'client-aborted': 5 }, {})).toBeUndefined();
  });
});
