#!/usr/bin/env node
import { main } from '../ssee-tester.ts';

process.exitCode = await main(process.argv.slice(2));
