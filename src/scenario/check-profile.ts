import { keysAt, listAt, textAt } from './draft.ts';
import { type Fault, valueAt } from './fault.ts';

/** What the schema cannot say about `target.profile` and `observe.profile`. */
export function checkProfile(draft: unknown): Fault[] {
  const access = keysAt(draft, ['target', 'profile']);
  const use = textAt(draft, ['target', 'use']);
  if (access.length === 0 && isMapping(valueAt(draft, ['target', 'profile']))) {
    const message = `"profile" names no source of profiles; ${advise(use)}`;
    return [{ path: ['target', 'profile'], at: 'key', message }];
  }
  return [...checkAccess(draft, access), ...checkKinds(draft, access)];
}

/** A server must be able to give the kind of profile that is named. */
function checkAccess(draft: unknown, access: readonly string[]): Fault[] {
  const use = textAt(draft, ['target', 'use']);
  const fault = (key: string, message: string): Fault[] => [
    { path: ['target', 'profile', key], at: 'key', message },
  ];
  if (access.includes('inspector') && access.includes('pprof')) {
    return fault('inspector', '"inspector" cannot stand beside "pprof"; remove one');
  }
  if (access.includes('inspector')) {
    if (use === 'go-nethttp') return fault('inspector', `go-nethttp is no Node program; ${advise(use)}`);
    if (keysAt(draft, ['target']).includes('url')) {
      return fault(
        'inspector',
        'the agent must be loaded when the server starts, which a "url" has done already; remove it or let the harness start the server by "command"',
      );
    }
  }
  if (access.includes('pprof') && (use === 'node-http' || use === 'faulty')) {
    return fault('pprof', `${use} is a Node program without pprof; ${advise(use)}`);
  }
  return [];
}

function checkKinds(draft: unknown, access: readonly string[]): Fault[] {
  if (!keysAt(draft, ['observe']).includes('profile')) return [];
  const kinds = listAt(draft, ['observe', 'profile']);
  if (!keysAt(draft, ['target']).includes('profile')) {
    return [
      {
        path: ['observe', 'profile'],
        at: 'key',
        message: `"profile" needs to know where the target's profiles are; ${advise(textAt(draft, ['target', 'use']))}`,
      },
    ];
  }
  return kinds.flatMap((kind, index): Fault[] => {
    const path = ['observe', 'profile', index];
    if (kinds.indexOf(kind) < index) {
      return [{ path, at: 'value', message: `${String(kind)} stands here already; remove it` }];
    }
    if (access.includes('inspector') && typeof kind === 'string' && kind !== 'cpu') {
      return [{ path, at: 'value', message: `Node's inspector gives a CPU profile alone; remove ${kind}` }];
    }
    return [];
  });
}

function isMapping(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function advise(use: string | undefined): string {
  const profile = use === 'node-http' || use === 'faulty' ? '{inspector: true}' : '{pprof: /debug/pprof}';
  return `write profile: ${profile} in "target"`;
}
