import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type ExecutionArgs, GraphQLError } from 'graphql';
import { type Context, handleProtocols, makeServer, type SubscribePayload } from 'graphql-ws';
import { type WebSocket, WebSocketServer } from 'ws';
import { refuse } from '../graphql/errors.ts';
import { limits } from '../limits.ts';
import type { Graphql } from './graphql.ts';
import type { Logger } from './log.ts';

export interface WebSockets {
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** Tells every client that the server goes away. */
  close(): void;
  /** Ends those that did not answer. */
  terminate(): void;
}

type Enveloped = ReturnType<Graphql['getEnveloped']>;
type Prepared = ExecutionArgs & { readonly run: Pick<Enveloped, 'execute' | 'subscribe'> };

/** GraphQL over WebSockets: the protocol graphql-transport-ws. */
export function createWebSockets(graphql: Graphql, log: Logger): WebSockets {
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: limits.webSocketFrameBytesMax,
    perMessageDeflate: false,
    handleProtocols: (protocols) => handleProtocols(protocols),
  });
  const protocol = makeServer({
    connectionInitWaitTimeout: limits.webSocketInitMs,
    onSubscribe: (context, _id, payload) => prepare(graphql, context, payload),
    execute: (args) => (args as Prepared).run.execute(args),
    subscribe: (args) => (args as Prepared).run.subscribe(args),
  });

  sockets.on('connection', (socket: WebSocket) => {
    const ping = keepAlive(socket);
    socket.on('error', (error) => log.info({ reason: error.message }, 'a WebSocket failed'));
    const closed = protocol.opened(
      {
        protocol: socket.protocol,
        // Settles when the bytes are on their way, so that a client that does not read slows its subscriptions down.
        send: (text) =>
          new Promise((sent) => {
            if (socket.readyState !== socket.OPEN) return sent();
            socket.send(text, () => sent());
          }),
        close: (code, reason) => socket.close(code, reason),
        onMessage: (take) =>
          socket.on('message', (data) => {
            take(String(data)).catch((error: unknown) => {
              log.error({ err: error }, 'unexpected error in a WebSocket');
              socket.close(1011, 'Internal server error');
            });
          }),
      },
      { socket },
    );
    socket.once('close', (code, reason) => {
      clearInterval(ping);
      void closed(code, String(reason));
    });
  });

  return {
    upgrade: (request, socket, head) => {
      if (sockets.clients.size >= limits.webSocketsMax)
        return void socket.end('HTTP/1.1 503 Too many\r\n\r\n');
      sockets.handleUpgrade(request, socket, head, (client) => sockets.emit('connection', client, request));
    },
    close: () => {
      for (const client of sockets.clients) client.close(1001, 'Going away');
    },
    terminate: () => {
      for (const client of sockets.clients) client.terminate();
    },
  };
}

/** What is to be run, or why it is refused: then only this operation ends, not the socket. */
async function prepare(
  graphql: Graphql,
  { subscriptions }: Context,
  { query, operationName, variables }: SubscribePayload,
): Promise<Prepared | GraphQLError[]> {
  if (Object.keys(subscriptions).length > limits.webSocketOperationsMax) {
    return [
      refuse('TOO_MANY_OPERATIONS', `${limits.webSocketOperationsMax} operations of one socket may run`),
    ];
  }
  const enveloped = graphql.getEnveloped({ params: { query, operationName, variables } });
  const { schema, parse, validate, contextFactory, execute, subscribe } = enveloped;
  try {
    const document = parse(query);
    const errors = validate(schema, document);
    if (errors.length > 0) return [...errors];
    const contextValue = await contextFactory();
    return {
      schema,
      document,
      contextValue,
      operationName: operationName ?? null,
      variableValues: variables ?? null,
      run: { execute, subscribe },
    };
  } catch (error) {
    if (error instanceof GraphQLError) return [error];
    throw error;
  }
}

/** Pings until the socket closes; ends it where the last ping had no answer. */
function keepAlive(socket: WebSocket): NodeJS.Timeout {
  let answered = true;
  socket.on('pong', () => {
    answered = true;
  });
  return setInterval(() => {
    if (!answered) return socket.terminate();
    answered = false;
    socket.ping();
  }, limits.webSocketPingMs);
}
