/** How to find the packets behind a finding in the evidence trial's capture. */
export interface PacketFilter {
  /** For Wireshark and `tshark -Y`. */
  display: string;
  /** For `tcpdump -r FILE -w PART FILTER`, which cuts a smaller capture out. */
  capture: string;
}

const RST = 'tcp[tcpflags] & tcp-rst != 0';
const FIN = 'tcp[tcpflags] & tcp-fin != 0';

/** By the public code of a finding; every other one is about all packets of the target. */
const FILTERS: Record<string, (port: number) => PacketFilter> = {
  'server-resets': (port) => ({
    display: `tcp.srcport == ${port} && tcp.flags.reset == 1`,
    capture: `src port ${port} and ${RST}`,
  }),
  'server-closes-early': (port) => ({
    display: `tcp.srcport == ${port} && (tcp.flags.fin == 1 || tcp.flags.reset == 1)`,
    capture: `src port ${port} and (${FIN} or ${RST})`,
  }),
  refused: (port) => ({
    display: `tcp.port == ${port} && (tcp.flags.syn == 1 || tcp.flags.reset == 1)`,
    capture: `port ${port} and (tcp[tcpflags] & tcp-syn != 0 or ${RST})`,
  }),
  'stream-paced': (port) => ({
    display: `tcp.srcport == ${port} && tcp.len > 0`,
    capture: `src port ${port} and greater 67`,
  }),
};

export function filterPackets(code: string, port: number): PacketFilter {
  return FILTERS[code]?.(port) ?? { display: `tcp.port == ${port}`, capture: `port ${port}` };
}
