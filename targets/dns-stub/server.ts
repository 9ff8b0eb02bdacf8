/**
 * A name server for one trial: answers every A question with 127.0.0.1 and everything else with an empty answer. Over UDP
 * alone, without recursion, zones or cache: what a target asks it is only that an answer comes.
 */
import { createSocket } from 'node:dgram';
import { writeSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { exitOnSignals } from '../shared/listen.ts';
import { answerQuestion } from './answer-question.ts';

const { values } = parseArgs({
  options: { host: { type: 'string', default: '127.0.0.1' }, port: { type: 'string', default: '53' } },
});

const socket = createSocket('udp4');
socket.on('message', (question, from) => {
  const answer = answerQuestion(question);
  if (answer) socket.send(answer, from.port, from.address);
});
socket.once('error', (error) => {
  writeSync(2, `cannot listen on ${values.host}:${values.port}: ${error.message}\n`);
  process.exit(1);
});
exitOnSignals();
socket.bind(Number(values.port), values.host, () => {
  const { address, port } = socket.address();
  writeSync(1, `listening on ${address}:${port}\n`);
});
