import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

/** What happens to one upload on its way to the server. */
export type Fault =
  | 'none'
  /** The connection breaks after the first bytes. */
  | 'broken upload'
  /** The server takes the report in, but the answer does not arrive. */
  | 'lost answer'
  /** The server takes the report in, but of the answer only the first bytes arrive. */
  | 'broken answer'
  /** Somebody on the way answers instead, once the report has come: an answer before may be lost with the connection. */
  | {
      readonly status: number;
      readonly headers?: Record<string, string>;
      readonly detail?: string;
      /** For programs, as only Dr. Portscan says it. */
      readonly code?: string;
      /** The whole of the answer, where it is none of Dr. Portscan. */
      readonly body?: string;
    };

/** A proxy that does something to each upload. */
export interface FaultyProxy {
  readonly url: string;
  /** What happens to the next uploads, in this order; to all later ones nothing. */
  readonly faults: Fault[];
  /** How many uploads came. */
  readonly uploads: () => number;
}

/** A proxy before a server; it ends with the test. */
export async function startFaultyProxy(server: string): Promise<FaultyProxy> {
  const faults: Fault[] = [];
  const counts = { uploads: 0 };
  const proxy = createServer((incoming, outgoing) => {
    const isUpload = incoming.url?.startsWith('/scans?') === true;
    if (isUpload) counts.uploads += 1;
    handle(server, isUpload ? (faults.shift() ?? 'none') : 'none', incoming, outgoing);
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  onTestFinished(() => {
    proxy.closeAllConnections();
    proxy.close();
  });
  const { port } = proxy.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, faults, uploads: () => counts.uploads };
}

function handle(server: string, fault: Fault, incoming: IncomingMessage, outgoing: ServerResponse): void {
  if (fault === 'broken upload') {
    incoming.once('data', () => incoming.socket.resetAndDestroy());
    return;
  }
  if (typeof fault === 'object') {
    const { status, headers, detail, code, body } = fault;
    incoming.resume().once('end', () => {
      outgoing.writeHead(status, { connection: 'close', ...headers });
      outgoing.end(body ?? (detail === undefined ? '' : JSON.stringify({ detail, code })));
    });
    return;
  }
  const onward = request(`${server}${incoming.url ?? ''}`, {
    method: incoming.method ?? 'GET',
    headers: { ...incoming.headers, host: new URL(server).host },
  });
  onward.on('error', () => outgoing.destroy());
  onward.on('response', (answer) => {
    if (fault === 'lost answer') return void incoming.socket.destroy();
    outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
    if (fault === 'broken answer')
      return void answer.once('data', (bytes: Buffer) =>
        outgoing.write(bytes.subarray(0, 9), () => outgoing.destroy()),
      );
    answer.pipe(outgoing);
  });
  incoming.pipe(onward);
}
