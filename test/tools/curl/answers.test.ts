import { expect, test } from 'vitest';
import { known } from '../../../src/model/cell.ts';
import { curl } from '../../../src/tools/curl/adapter.ts';
import { makeExit, makeTrial } from '../../helpers/tool-trial.ts';
import { expectHonestResult } from '../contract.ts';

function answered(httpCode: number, contentType?: string) {
  const transfer = {
    exitcode: 0,
    http_code: httpCode,
    time_pretransfer: 0.001,
    time_starttransfer: 0.002,
    time_connect: 0.001,
    time_total: 0.01,
    ...(contentType === undefined ? {} : { content_type: contentType }),
  };
  const output = { exit: makeExit(), stdout: `${JSON.stringify(transfer)}\n`, stderr: '', files: {} };
  return expectHonestResult(curl, output, makeTrial({ connections: 1 }));
}

test('curl counts answers that are no event stream, and says what the first was', () => {
  const html = answered(200, 'text/html\u001b[2J');
  expect(html.outcomes['http-error']).toEqual(known(1));
  expect(html.answers).toEqual({
    total: 1,
    otherwise: 1,
    first: 'status 200 with Content-Type text/html [2J',
  });
  expect(answered(204).answers).toMatchObject({ otherwise: 1, first: 'status 204 with no Content-Type' });
  const redirect = answered(302, 'text/event-stream');
  expect(redirect.outcomes['http-error']).toEqual(known(1));
  expect(redirect.answers).toMatchObject({ otherwise: 1, first: 'status 302' });
  expect(answered(404, 'text/html').answers).toEqual({ total: 1, otherwise: 0 });
  expect(answered(200, 'text/event-stream').answers).toEqual({ total: 1, otherwise: 0 });
});
