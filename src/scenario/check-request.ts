import { keysAt, textAt } from './draft.ts';
import type { Fault, Path } from './fault.ts';

/** They follow from the body, and each tool works them out in its own way. */
const OWN_OF_TOOLS = ['content-length', 'transfer-encoding'];

/** What the schema cannot say about `request` and about what variants change of it. */
export function checkRequest(draft: unknown): Fault[] {
  const requests: Path[] = [
    ['request'],
    ...keysAt(draft, ['variants']).map((name): Path => ['variants', name, 'request']),
  ];
  return requests.flatMap((path) => checkHeaders(draft, [...path, 'headers']));
}

function checkHeaders(draft: unknown, path: Path): Fault[] {
  const seen = new Map<string, string>();
  const faults: Fault[] = [];
  for (const name of keysAt(draft, path)) {
    const plain = name.toLowerCase();
    const earlier = seen.get(plain);
    const say = (message: string) => faults.push({ path: [...path, name], at: 'key', message });
    if (earlier !== undefined)
      say(`the header "${name}" stands here already as "${earlier}"; remove one of them`);
    if (OWN_OF_TOOLS.includes(plain)) say(`each tool works "${name}" out from the body; remove it`);
    if (/^\s|\s$/.test(textAt(draft, [...path, name]) ?? '')) {
      say(`the value of "${name}" begins or ends with a blank, which tools send differently; remove it`);
    }
    seen.set(plain, name);
  }
  return faults;
}
