import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * Lets the processes of one test run share what is costly to make: the first that asks for a thing makes it, the
 * others wait for it. Runs in vitest's main process; the test files talk to it through oncePerRun.
 */
export interface Broker {
  readonly url: string;
  readonly close: () => Promise<void>;
}

/** Makes something on the first request for it, in the broker's own process. */
export type Makers = Readonly<Record<string, () => Promise<unknown>>>;

/** Starts the broker on a free port of the loopback interface. */
export async function startBroker(makers: Makers): Promise<Broker> {
  const made = new Map<string, Promise<unknown>>();
  const makeOnce = (name: string, make: () => Promise<unknown>) => {
    const begun = made.get(name) ?? make();
    made.set(name, begun);
    return begun;
  };
  const claims = claimDesk();

  const server = createServer((request, response) => {
    response.setHeader('connection', 'close'); // A kept connection may end just as the next request goes out on it.
    const name = decodeURIComponent((request.url ?? '/').slice(1));
    const maker = makers[name];
    if (maker) {
      void settled(makeOnce(name, maker)).then((outcome) => response.end(JSON.stringify(outcome)));
      return;
    }
    if (request.method === 'GET') return claims.claim(name, response);

    let body = '';
    request.setEncoding('utf8').on('data', (text) => {
      body += text;
    });
    request.on('end', () => {
      claims.settle(name, JSON.parse(body) as Settlement);
      response.end();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

/** What a claim comes to: the caller shall make the thing, or it was made, or making it failed. */
export type Settlement =
  | { readonly kind: 'yours' }
  | { readonly kind: 'made'; readonly value: unknown }
  | { readonly kind: 'failed'; readonly reason: string };

function claimDesk() {
  const claimed = new Map<string, { settlement?: Settlement; waiting: ServerResponse[] }>();

  return {
    claim(name: string, response: ServerResponse): void {
      const claim = claimed.get(name);
      if (claim?.settlement) {
        response.end(JSON.stringify(claim.settlement));
      } else if (claim) {
        claim.waiting.push(response);
      } else {
        claimed.set(name, { waiting: [] });
        response.end(JSON.stringify({ kind: 'yours' } satisfies Settlement));
      }
    },

    settle(name: string, settlement: Settlement): void {
      const waiting = claimed.get(name)?.waiting ?? [];
      claimed.set(name, { settlement, waiting: [] });
      for (const response of waiting) response.end(JSON.stringify(settlement));
    },
  };
}

async function settled(value: Promise<unknown>): Promise<Settlement> {
  try {
    return { kind: 'made', value: await value };
  } catch (error) {
    return { kind: 'failed', reason: String(error) };
  }
}
