#!/usr/bin/env node
import { main } from '../ssee-bench.ts';

process.exitCode = await main(process.argv.slice(2));
