// A load in a process of its own: options as JSON in the first argument, result and peak memory as JSON on stdout.
// Ends early when stdin does.
const { runLoad } = await import('../../dist/src/tester/run-load.js');

const { request, ...options } = JSON.parse(process.argv[2]);
const controller = new AbortController();
process.stdin.resume();
process.stdin.once('end', () => controller.abort());
const result = await runLoad({ ...options, request: Buffer.from(request) }, { signal: controller.signal });
process.stdin.destroy();
const maxRssBytes = process.resourceUsage().maxRSS * 1024;
process.stdout.write(JSON.stringify({ result, maxRssBytes }));
