import type { ToolOutput, ToolResult } from '../model/tool.ts';

/** The result of a tool that left nothing to read. Absent readings take the problem as their reason. */
export function silentResult(tool: string, output: ToolOutput): ToolResult {
  return { metrics: {}, outcomes: {}, caveats: [], problem: describeSilence(tool, output) };
}

/** Why a tool left nothing to read, as far as its exit tells. One sentence. */
export function describeSilence(tool: string, output: ToolOutput): string {
  const { exit } = output;
  if (exit.spawnError !== undefined) return `${tool} could not be started: ${exit.spawnError}`;
  const said = firstLine(output.stderr) ?? (exit.code === 0 ? undefined : firstLine(output.stdout));
  const words = said === undefined ? '' : `: ${said}`;
  if (exit.sent.length > 0) {
    return `${tool} did not end by itself and left no readable result before ${exit.sent.join(', ')}${words}`;
  }
  if (exit.signal !== null) return `${tool} was ended by ${exit.signal} and left no readable result${words}`;
  return `${tool} ended with exit code ${exit.code} and left no readable result${words}`;
}

function firstLine(text: string): string | undefined {
  return text
    .split('\n')
    .map((line) => line.trim())
    .find((line) => line !== '')
    ?.slice(0, 200);
}
