/**
 * Which package brings which executable, per package manager. Only names that are known to exist there: for
 * everything else `MANUAL` says what to type.
 */
const MANAGERS = [
  {
    name: 'apt-get',
    asUser: false,
    refresh: ['apt-get', 'update'],
    install: ['apt-get', 'install', '-y', '--no-install-recommends'],
    packages: {
      wrk: 'wrk',
      hey: 'hey',
      curl: 'curl',
      ab: 'apache2-utils',
      tcpdump: 'tcpdump',
      tshark: 'tshark',
      go: 'golang-go',
      ip: 'iproute2',
      chromium: 'chromium',
      nginx: 'nginx-light',
      nft: 'nftables',
      prlimit: 'util-linux',
      ...utilLinux('util-linux'),
    },
  },
  {
    name: 'dnf',
    asUser: false,
    install: ['dnf', 'install', '-y'],
    packages: {
      curl: 'curl',
      ab: 'httpd-tools',
      tcpdump: 'tcpdump',
      tshark: 'wireshark-cli',
      go: 'golang',
      ip: 'iproute',
      chromium: 'chromium',
      ...utilLinux('util-linux'),
    },
  },
  {
    name: 'apk',
    asUser: false,
    install: ['apk', 'add', '--no-progress'],
    packages: {
      wrk: 'wrk',
      hey: 'hey',
      curl: 'curl',
      ab: 'apache2-utils',
      tcpdump: 'tcpdump',
      tshark: 'tshark',
      go: 'go',
      ip: 'iproute2',
      chromium: 'chromium',
      ...utilLinux('util-linux'),
    },
  },
  {
    name: 'pacman',
    asUser: false,
    install: ['pacman', '-S', '--noconfirm', '--needed'],
    packages: {
      hey: 'hey',
      curl: 'curl',
      ab: 'apache',
      tcpdump: 'tcpdump',
      tshark: 'wireshark-cli',
      go: 'go',
      ip: 'iproute2',
      chromium: 'chromium',
      ...utilLinux('util-linux'),
    },
  },
  {
    name: 'brew',
    asUser: true,
    install: ['brew', 'install'],
    packages: { wrk: 'wrk', hey: 'hey', curl: 'curl', ab: 'httpd', go: 'go' },
  },
];

const MANUAL = {
  wrk: 'no package known here; build it from https://github.com/wg/wrk and put it on PATH',
  hey: 'no package known here; type: go install github.com/rakyll/hey@latest',
  tcpdump: 'no package known here; see https://www.tcpdump.org',
  tshark: 'no package known here; see https://www.wireshark.org',
  chromium: 'no package known here; any of chromium, chromium-browser and google-chrome on PATH will do',
};

/**
 * Options for a run without a person beside it. They stay out of the line that a person is asked to type.
 * The lock option waits for another apt instead of failing; the time-outs keep an unreachable mirror short.
 */
const UNATTENDED = {
  'apt-get': {
    env: ['env', 'DEBIAN_FRONTEND=noninteractive'],
    options: [
      '-o',
      'DPkg::Lock::Timeout=120',
      '-o',
      'Acquire::Retries=1',
      '-o',
      'Acquire::http::Timeout=30',
      '-o',
      'Acquire::https::Timeout=30',
    ],
  },
};

function utilLinux(name) {
  return { unshare: name, nsenter: name, taskset: name, setpriv: name };
}

/** The first package manager that the machine has. */
export function findManager(isThere) {
  return MANAGERS.find((manager) => isThere(manager.name));
}

/** Packages to install, and for executables without a known package what to do by hand. */
export function planInstall(manager, missing) {
  const packages = new Set();
  const manual = [];
  for (const name of missing) {
    const found = manager.packages[name];
    if (found) packages.add(found);
    else manual.push({ name, how: MANUAL[name] ?? 'no package known here; install it by hand' });
  }
  return { packages: [...packages], manual };
}

/** Commands to run in turn, the last of which installs. */
export function installSteps(manager, packages) {
  const { env = [], options = [] } = UNATTENDED[manager.name] ?? {};
  const steps = [...(manager.refresh ? [manager.refresh] : []), [...manager.install, ...packages]];
  return steps.map(([command, verb, ...rest]) => ({ argv: [...env, command, ...options, verb, ...rest] }));
}

/** The same as one line for a person. */
export function commandLine(manager, packages, withSudo) {
  const sudo = withSudo ? 'sudo ' : '';
  const steps = [...(manager.refresh ? [manager.refresh] : []), [...manager.install, ...packages]];
  return steps.map((step) => sudo + step.join(' ')).join(' && ');
}
