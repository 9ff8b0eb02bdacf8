import type { ArmComparison, Comparison } from '../../model/comparison.ts';
import type { ArmData, ReportData } from '../../model/report-data.ts';
import { filterPackets } from '../packet-filters.ts';
import { renderCommand } from './environment.ts';
import { type Content, html, type SafeHtml } from './html.ts';
import { armClass, nothing, part } from './parts.ts';

/** What limited each arm, what that rests on, what speaks against it, and where the packets are. */
export function renderFindings({ arms }: Comparison, data: ReportData): SafeHtml {
  return part(
    'findings',
    'What limits each row',
    'The first finding of each arm is the bottleneck named in the table. No sentence without what it rests on and what speaks against it.',
    html`<div class="cards">${arms.map((arm, index) => renderArm(arm, index, data.arms[index]))}</div>`,
  );
}

function renderArm(arm: ArmComparison, index: number, data: ArmData | undefined): SafeHtml {
  const [first, ...others] = arm.findings;
  const found = first?.outcome === 'found';
  return html`<article class="panel finding ${armClass(index)}"><h3><span>${arm.id}</span>${first && html`<span class="badge ${found ? 'found' : 'open'}">${first.code}</span>`}</h3>
${
  first
    ? html`<p>${first.sentence}</p><ul class="why">${[
        ...first.because.map((reason) => line('for', 'because', reason)),
        ...first.against.map((reason) => line('against', 'against', reason)),
        ...others.map((finding) =>
          line(
            'also',
            `also, ${finding.rank}`,
            html`<span class="badge found">${finding.code}</span> ${finding.sentence}`,
          ),
        ),
        ...arm.caveats.map((caveat) => line('also', 'note', caveat)),
      ]}</ul>`
    : nothing('not judged')
}
${renderFlameGraphs(arm)}${first && data?.capture && renderPackets(first.code, data.capture)}</article>
`;
}

function line(kind: string, name: string, text: Content): SafeHtml {
  return html`<li class="${kind}"><b>${name}</b><span>${text}</span></li>`;
}

/** Pages of their own in the run folder. */
function renderFlameGraphs({ profileDetail }: ArmComparison): Content {
  const graphs = (profileDetail?.files ?? []).filter(({ flameGraph }) => flameGraph !== null);
  return (
    graphs.length > 0 &&
    html`<p class="graphs">Flame graphs: ${graphs.map(
      ({ kind, flameGraph }) => html`<a href="${encodeURI(flameGraph ?? '')}">${kind}</a> `,
    )}</p>`
  );
}

function renderPackets(code: string, { file, port }: NonNullable<ArmData['capture']>): SafeHtml {
  const { display, capture } = filterPackets(code, port);
  return html`<details><summary>The packets</summary><div class="commands">
${renderCommand('Wireshark display filter', display)}
${renderCommand('Cut them out of the capture', `tcpdump -r ${file} -w packets.pcap '${capture}'`)}</div></details>`;
}
