import { describe, expect, it } from 'vitest';
import { streamAnswer, wholeAnswer } from '../../../targets/shared/chat-format.ts';
import { type ChatRequest, parseChatRequest } from '../../../targets/shared/chat-request.ts';

function requestFor(query: string, body = '{"stream":true}'): ChatRequest {
  const request = parseChatRequest(query, body);
  if ('problem' in request) throw new Error(request.problem);
  return request;
}

const scheduleOf = (query: string): number[] =>
  [...streamAnswer(requestFor(query), 'id', 0)].map(({ afterMs }) => afterMs);

describe('the schedule of a streamed answer', () => {
  it('has the role at once, a token per itl from ttft on, and the rest with the last token', () => {
    expect(scheduleOf('tokens=3&ttft=100ms&itl=7ms&usage=true')).toEqual([0, 100, 107, 114, 114, 114, 114]);
  });

  it('takes a chunk of several tokens for as long as its tokens take', () => {
    expect(scheduleOf('tokens=9&chunk=4&ttft=10ms&itl=10ms&done=false')).toEqual([0, 10, 50, 90, 90]);
  });

  it('closes an answer without tokens at ttft', () => {
    expect(scheduleOf('tokens=0&ttft=30ms')).toEqual([0, 30, 30]);
  });

  it('has 20 ms and 10 ms where nothing is asked for', () => {
    expect(scheduleOf('tokens=2')).toEqual([0, 20, 30, 30, 30]);
  });
});

describe('an answer in one document', () => {
  it.each([
    ['tokens=5&ttft=100ms&itl=7ms', 128],
    ['tokens=5&ttft=100ms&itl=7ms&chunk=5', 128],
    ['tokens=0&ttft=100ms&itl=7ms', 100],
  ])('is due when the last token of %s would be', (query, dueMs) => {
    expect(wholeAnswer(requestFor(query, '{}'), 'id', 0).afterMs).toBe(dueMs);
  });

  it('has no usage when that is asked for', () => {
    const answer = JSON.parse(wholeAnswer(requestFor('usage=false', '{}'), 'id', 0).text) as object;
    expect(answer).not.toHaveProperty('usage');
  });
});
