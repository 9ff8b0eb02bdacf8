import { UserError } from '../model/errors.ts';
import type { NetworkSpace } from './network-space.ts';
import { acceptsConnection, findFreePort, httpDownload, httpGet, readSetting } from './space-probes.ts';

/** The machine's own loopback, used where rights do not allow a namespace: counters and ports are everybody's. */
export function openSharedSpace(): NetworkSpace {
  return {
    isolated: false,
    pid: process.pid,
    wrap([program, ...args]) {
      return [program!, ...args];
    },
    get: httpGet,
    download: httpDownload,
    accepts: acceptsConnection,
    freePort: findFreePort,
    readSetting,
    async writeSetting(name) {
      throw new UserError(
        `net/${name} is not changed on the machine's own network: this needs a network namespace (root)`,
        1,
      );
    },
    async close() {
      // Nothing was opened.
    },
  };
}
