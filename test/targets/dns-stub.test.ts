import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { answerQuestion } from '../../targets/dns-stub/answer-question.ts';

/** A question for a name as RFC 1035 writes it. */
function question(name: string, type = 1, id = 0x1234): Buffer {
  const labels = name
    .split('.')
    .map((label) => Buffer.concat([Buffer.from([label.length]), Buffer.from(label)]));
  const head = Buffer.from([id >> 8, id & 0xff, 0x01, 0x00, 0, 1, 0, 0, 0, 0, 0, 0]);
  return Buffer.concat([head, ...labels, Buffer.from([0, 0, type, 0, 1])]);
}

describe('the name server of a trial', () => {
  it('answers a question for an address with its own id and the loopback address', () => {
    const asked = question('ssee.test');
    const answer = answerQuestion(asked)!;
    expect(answer.subarray(0, 12).toString('hex')).toBe('123481800001000100000000');
    expect(answer.subarray(12, asked.length)).toEqual(asked.subarray(12));
    expect([...answer.subarray(-4)]).toEqual([127, 0, 0, 1]);
  });

  it('has nothing to say to other questions, but says so', () => {
    const answer = answerQuestion(question('ssee.test', 28))!;
    expect(answer.readUInt16BE(6)).toBe(0);
    expect(answer).toHaveLength(question('ssee.test', 28).length);
  });

  it('keeps silent about what is no question, and survives any bytes', () => {
    const answer = answerQuestion(question('a.b'))!;
    expect(answerQuestion(answer)).toBeUndefined();
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
        const reply = answerQuestion(Buffer.from(bytes));
        if (reply) expect(reply[2]! & 0x80).toBe(0x80);
      }),
    );
  });
});
