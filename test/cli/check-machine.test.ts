import { describe, expect, it } from 'vitest';
import { type CheckRow, checkMachine, type MachineFacts } from '../../src/cli/check-machine.ts';

function factsOf(changes: Partial<MachineFacts> = {}): MachineFacts {
  return {
    tools: [
      { name: 'wrk', probe: { available: true, path: '/usr/bin/wrk', version: '4.1.0' } },
      {
        name: 'hey',
        probe: { available: false, reason: 'hey is not on PATH', remedy: 'apt-get install hey' },
      },
    ],
    capture: { available: true, version: 'tcpdump 4.99.3' },
    environment: {
      cpuModel: 'Test CPU',
      cpus: 4,
      memoryBytes: 8e9,
      kernel: '6.1',
      os: 'Debian 12',
      node: '20.20.2',
      openFiles: 4096,
      portRange: [32_768, 60_999],
      namespaces: true,
      user: 'root',
    },
    ...changes,
  };
}

function environmentWith(changes: Partial<MachineFacts['environment']>): Partial<MachineFacts> {
  return { environment: { ...factsOf().environment, ...changes } };
}

function rowOf(facts: MachineFacts, what: string): CheckRow {
  const row = checkMachine(facts).find((candidate) => candidate.what === what);
  if (!row) throw new Error(`no row ${what}`);
  return row;
}

describe('checkMachine', () => {
  it('shows version and path of a tool that is there', () => {
    expect(rowOf(factsOf(), 'wrk')).toMatchObject({ state: 'ok', found: '4.1.0 (/usr/bin/wrk)', remedy: '' });
  });

  it('says what a missing tool means and how to get it', () => {
    expect(rowOf(factsOf(), 'hey')).toEqual({
      what: 'hey',
      state: 'missing',
      found: '',
      detail: 'hey is not on PATH; its rows are skipped',
      remedy: 'apt-get install hey',
    });
  });

  it('leaves out tools that the scenario does not name', () => {
    const names = checkMachine(factsOf({ scenarioTools: ['wrk'] })).map((row) => row.what);
    expect(names).toContain('wrk');
    expect(names).not.toContain('hey');
  });

  it('has a row for Go only where a Go target is asked for', () => {
    expect(checkMachine(factsOf()).map((row) => row.what)).not.toContain('go');
    const go = { available: false, reason: 'go not found', remedy: 'apt-get install golang-go' } as const;
    expect(rowOf(factsOf({ go }), 'go')).toMatchObject({ state: 'missing', remedy: go.remedy });
  });

  it('hands on reason and remedy when packets cannot be captured', () => {
    const capture = { available: false, reason: 'no CAP_NET_RAW', remedy: 'setcap it' } as const;
    expect(rowOf(factsOf({ capture }), 'packet capture')).toMatchObject({
      state: 'missing',
      detail: 'no CAP_NET_RAW; wire columns will say not collected',
      remedy: 'setcap it',
    });
  });

  it.each([
    ['root', /CAP_SYS_ADMIN/],
    ['someone', /run as root/],
  ])('names the remedy for missing namespaces that suits %s', (user, remedy) => {
    const row = rowOf(factsOf(environmentWith({ namespaces: false, user })), 'network namespaces');
    expect(row.state).toBe('limited');
    expect(row.remedy).toMatch(remedy);
  });

  it.each([
    // 4096 files carry 4032 connections beside the 64 files a process holds anyway.
    [4032, 'ok', ''],
    [4033, 'limited', 'ulimit -n 65536'],
    [100_000, 'limited', 'ulimit -n 100064'],
  ])('holds the open-file limit of 4096 against %d connections: %s', (connections, state, remedy) => {
    expect(rowOf(factsOf({ connections }), 'open-file limit')).toMatchObject({ state, remedy });
  });

  it('judges the open-file limit without a scenario by the usual 1024', () => {
    expect(rowOf(factsOf(), 'open-file limit').state).toBe('ok');
    expect(rowOf(factsOf(environmentWith({ openFiles: 256 })), 'open-file limit').state).toBe('limited');
  });

  it('counts both ends of the port range', () => {
    const facts = factsOf({ ...environmentWith({ portRange: [50_000, 50_099] }), connections: 50 });
    expect(rowOf(facts, 'client ports')).toMatchObject({ state: 'ok', found: '100 (50000-50099)' });
    expect(rowOf({ ...facts, connections: 51 }, 'client ports')).toMatchObject({
      state: 'limited',
      detail: 'fewer than the 102 needed for 51 connections',
      remedy: 'sudo sysctl -w net.ipv4.ip_local_port_range="1024 65535"',
    });
  });

  it('does not invent a limit that the system does not tell', () => {
    const facts = factsOf(environmentWith({ openFiles: null, portRange: null }));
    for (const what of ['open-file limit', 'client ports']) {
      expect(rowOf(facts, what)).toMatchObject({ state: 'limited', found: '' });
    }
  });

  it('calls one CPU limited because tool and target share it', () => {
    expect(rowOf(factsOf(environmentWith({ cpus: 1 })), 'CPUs').state).toBe('limited');
    expect(rowOf(factsOf(environmentWith({ cpus: 2 })), 'CPUs').state).toBe('ok');
  });

  it('gives a remedy for every row that is not ok', () => {
    const facts = factsOf({
      capture: { available: false, reason: 'no rights', remedy: 'get them' },
      ...environmentWith({ cpus: 1, openFiles: 10, portRange: [1, 2], namespaces: false }),
    });
    const gaps = checkMachine(facts).filter((row) => row.state !== 'ok');
    expect(gaps).toHaveLength(6);
    for (const row of gaps) expect(row.remedy, row.what).not.toBe('');
  });
});
