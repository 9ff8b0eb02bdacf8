import type { RequestSpec } from '../../model/plan.ts';

/** Name of the file the script writes, in the folder of the trial. */
export const WRK_REPORT_FILE = 'wrk.json';

/**
 * CPU seconds the histogram may take. Every lookup scans wrk's table from its start, so the cost is distinct values
 * x highest latency: 0.25 s for 12 000 values below 235 ms. Beyond the limit the report goes without a histogram,
 * because a wrk that is killed at its deadline reports nothing at all.
 */
const HISTOGRAM_CPU_S = 2;

/**
 * The report of wrk as JSON. The script has neither request() nor response(), so wrk keeps its fast path and sends
 * the same bytes as without a script. Flushing stdout first saves the text report if the script is cut off. Typed by
 * hand, without WRK_OUT, wrk prints the JSON below its text.
 */
const REPORT_LUA = `
local function number(value)
  if value == nil or value ~= value or value == math.huge then return "null" end
  return string.format("%.0f", value)
end

local function histogram(latency)
  local cells = {}
  local started = os.clock()
  for i = 1, #latency do
    if i % 64 == 0 and os.clock() - started > ${HISTOGRAM_CPU_S} then return "null" end
    local value, count = latency(i)
    cells[i] = "[" .. number(value) .. "," .. number(count) .. "]"
  end
  return "[" .. table.concat(cells, ",") .. "]"
end

function done(summary, latency, requests)
  io.stdout:flush()
  local e = summary.errors
  local path = os.getenv("WRK_OUT")
  local file = path and assert(io.open(path .. ".part", "w")) or io.stdout
  file:write('{"duration_us":', number(summary.duration),
    ',"requests":', number(summary.requests),
    ',"bytes":', number(summary.bytes),
    ',"errors":{"connect":', number(e.connect), ',"read":', number(e.read), ',"write":', number(e.write),
    ',"status":', number(e.status), ',"timeout":', number(e.timeout), '}',
    ',"latency":{"min":', number(latency.min), ',"max":', number(latency.max),
    ',"mean":', number(latency.mean), ',"stdev":', number(latency.stdev),
    ',"p50":', number(latency:percentile(50)), ',"p90":', number(latency:percentile(90)),
    ',"p99":', number(latency:percentile(99)), ',"p999":', number(latency:percentile(99.9)), '}',
    ',"histogram":', histogram(latency), '}\\n')
  if path then
    file:close()
    assert(os.rename(path .. ".part", path))
  end
end
`;

/** The whole script for one request: method and body can be set in Lua only, headers come by -H. */
export function writeReportLua(request: RequestSpec): string {
  const lines: string[] = [];
  if (request.method !== 'GET') lines.push(`wrk.method = ${quoteLua(request.method)}`);
  if (request.body !== undefined) lines.push(`wrk.body = ${quoteLua(request.body)}`);
  return lines.join('\n') + REPORT_LUA;
}

/** A Lua string of the text's UTF-8 bytes. Three digits each, so that a digit after an escape stays a digit. */
function quoteLua(text: string): string {
  const bytes = [...Buffer.from(text, 'utf8')];
  return `"${bytes.map((byte) => `\\${String(byte).padStart(3, '0')}`).join('')}"`;
}
