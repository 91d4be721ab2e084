import type { ImportOptions, InventoryEvent, InventoryImporter, InventoryPlace } from './importer.ts';
import { InventoryRefused } from './importer.ts';
import { ended, skip, stated, unreadable } from './inventory-events.ts';
import { headText } from './inventory-text.ts';
import { readHost } from './selector-text.ts';
import { statementRow } from './statement-row.ts';
import { childOf, childrenOf, type XmlElement } from './xml-element.ts';
import { readXml } from './xml-records.ts';
import { rootOf } from './xml-root.ts';

/**
 * A finished nmap scan as the baseline of what is allowed: what is open may be open, until somebody has looked at it.
 * A scan that broke off is refused: what it did not get to would be drift from the first day on.
 */
export const nmapBaseline: InventoryImporter = {
  name: 'nmap-baseline',
  title: 'nmap XML of a finished scan: what is open is allowed from now on',
  recognises: (head) => rootOf(headText(head)) === 'nmaprun',
  async *read(source, options) {
    let run: XmlElement | undefined;
    let exit: string | undefined;
    const cut = yield* readXml(source, {
      records: ['nmaprun/host'],
      record: (host, place) => hostEvents(host, place, { run, options }),
      tags: ['nmaprun', 'nmaprun/runstats/finished'],
      tag(element) {
        if (element.name === 'nmaprun') run = element;
        else exit = element.attributes.get('exit') ?? '';
      },
    });
    if (run !== undefined && run.attributes.get('scanner') !== 'nmap')
      throw new InventoryRefused('NOT_AN_INVENTORY', 'Only scans of nmap say whether they were finished.');
    if (cut === undefined && exit !== 'success')
      throw new InventoryRefused(
        'CORRUPT',
        `The scan was not finished (exit: "${(exit ?? 'none').slice(0, 40)}").`,
      );
    yield ended(cut, { isSnapshot: false });
  },
};

function hostEvents(
  host: XmlElement,
  place: InventoryPlace,
  { run, options }: { readonly run: XmlElement | undefined; readonly options: ImportOptions },
): readonly InventoryEvent[] {
  const addresses = childrenOf(host, 'address').filter(
    ({ attributes }) => attributes.get('addrtype') !== 'mac',
  );
  const text = addresses[0]?.attributes.get('addr');
  if (text === undefined) return unreadable('the host has no address');
  const selector = readHost(text);
  const ports = childrenOf(childOf(host, 'ports'), 'port').filter(isOpen);
  if (ports.length === 0) skip(`nothing is open on ${selector}`);
  const description = describe(host, { run, options });
  return ports.map(({ attributes, children }) => {
    const service = children.find(({ name }) => name === 'service')?.attributes.get('name');
    const row = statementRow(
      {
        selector,
        ports: attributes.get('portid'),
        protocol: attributes.get('protocol'),
        expect: 'allowed',
        service,
        description,
      },
      options,
    );
    return stated(place, row);
  });
}

function isOpen(port: XmlElement): boolean {
  return childOf(port, 'state')?.attributes.get('state') === 'open';
}

function describe(
  host: XmlElement,
  { run, options }: { readonly run: XmlElement | undefined; readonly options: ImportOptions },
): string {
  const seconds = host.attributes.get('endtime') ?? run?.attributes.get('start') ?? '';
  const seen = /^\d{1,11}$/.test(seconds) ? ` on ${dayOf(Number(seconds) * 1000)}` : '';
  const review = options.reviewBy === undefined ? '' : `, to be reviewed by ${dayOf(options.reviewBy)}`;
  return `found open by nmap ${run?.attributes.get('version') ?? ''}`.trim() + seen + review;
}

function dayOf(instant: number): string {
  return new Date(instant).toISOString().slice(0, 10);
}
