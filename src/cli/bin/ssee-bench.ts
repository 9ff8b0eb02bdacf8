#!/usr/bin/env node
import { outliveClosedPipes } from '../closed-pipes.ts';
import { main } from '../ssee-bench.ts';

outliveClosedPipes();
process.exitCode = await main(process.argv.slice(2));
