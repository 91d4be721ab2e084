import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import { expect, onTestFinished, test } from 'vitest';
import { limits } from '../../src/limits.ts';
import { type NmapRun, nmapReport } from '../graphql/nmap-report.ts';
import { seededServer } from '../graphql/seeded-server.ts';
import { eachDatabase } from '../support/databases.ts';
import { until } from '../support/until.ts';
import { ask, fieldOf } from './ask.ts';

let minutes = 0;

/** A report like no other. */
function newReport(rest: Partial<NmapRun> = {}): string {
  minutes += 1;
  const at = new Date(Date.UTC(2026, 3, 1, 0, minutes)).toISOString();
  return nmapReport({
    targets: '10.9.0.0/30',
    ports: '22',
    at,
    hosts: [{ address: '10.9.0.1', open: { '22/tcp': 'ssh' } }],
    ...rest,
  });
}

const create = `mutation ($input: CreateScanUploadInput!) { createScanUpload(input: $input) {
  ... on Error { __typename message }
  ... on CreateScanUploadPayload { scanUpload { id urls statusUrl parts scanner { name } received { part } result { repeated } } } } }`;

const uploadScan = `mutation ($file: File!, $ports: PortSet) {
  uploadScan(input: { scanner: { name: "lab-1" }, file: $file, ports: $ports }) {
    ... on Error { __typename message } ... on ReportRejected { code }
    ... on UploadScanPayload { repeated scan { scanner { name } receipt { hostsUp scope { ports portOrigin } } } } } }`;

eachDatabase((place) => {
  const server = seededServer(place);
  const put = (path: string, body: string | Uint8Array, headers: Record<string, string> = {}) =>
    fetch(`${server.url()}${path}`, { method: 'PUT', body: body as BodyInit, headers });
  const prepare = async (input: Record<string, unknown> = {}) => {
    const answer = await ask(server.url(), create, { input: { scanner: { name: 'lab-1' }, ...input } });
    return fieldOf<{ scanUpload: { id: string; urls: string[]; statusUrl: string } }>(
      answer,
      'createScanUpload',
    ).scanUpload;
  };
  const multipart = (report: string | Uint8Array, variables: Record<string, unknown> = {}) => {
    const form = new FormData();
    form.append('operations', JSON.stringify({ query: uploadScan, variables: { file: null, ...variables } }));
    form.append('map', JSON.stringify({ 0: ['variables.file'] }));
    form.append('0', new Blob([report as BlobPart]), 'scan.xml');
    const headers = { 'graphql-require-preflight': '1' };
    return fetch(`${server.url()}/graphql`, { method: 'POST', body: form, headers }).then(
      async (response) => {
        const { data } = (await response.json()) as { data: { uploadScan: Record<string, unknown> } };
        return data.uploadScan;
      },
    );
  };

  test('one request with curl takes a report in; the same again changes nothing', async () => {
    const report = newReport();
    const first = await put('/scans?scanner=lab-1', report);
    expect(first.status).toBe(201);
    expect(await first.json()).toMatchObject({
      repeated: false,
      scan: { scanner: 'lab-1', complete: true, receipt: { hostsUp: 1, endpointsOpen: 1 } },
    });
    const second = await put('/scans?scanner=lab-1', report);
    expect(second.status).toBe(200);
    expect(await second.json()).toMatchObject({ repeated: true });
  });

  test('POST needs a type that no form has, or a header of its own', async () => {
    const post = (headers: Record<string, string>) =>
      fetch(`${server.url()}/scans?scanner=lab-1`, { method: 'POST', body: newReport(), headers }).then(
        ({ status }) => status,
      );
    expect(await post({ 'content-type': 'application/x-www-form-urlencoded' })).toBe(415);
    expect(await post({ 'content-type': 'text/plain' })).toBe(415);
    expect(await post({ 'content-type': 'application/xml' })).toBe(201);
    expect(await post({ 'content-type': 'text/plain', 'x-drportscan': '1' })).toBe(201);
  });

  test('a gzipped report is read, by its bytes or by its header', async () => {
    expect((await put('/scans?scanner=lab-1', gzipSync(newReport()))).status).toBe(201);
    const headers = { 'content-encoding': 'gzip' };
    expect((await put('/scans?scanner=lab-1', gzipSync(newReport()), headers)).status).toBe(201);
  });

  test('scope and time may come with the report', async () => {
    const query = 'scanner=lab-1&addresses=10.9.0.0/31,10.9.0.2&ports=22&observedAt=2026-05-01T00:00:00Z';
    const response = await put(`/scans?${query}`, newReport({ ports: '22,23' }));
    expect(await response.json()).toMatchObject({
      scan: {
        at: '2026-05-01T00:00:00.000Z',
        receipt: { timeOrigin: 'upload', addressOrigin: 'upload', portOrigin: 'upload' },
      },
    });
  });

  test('whoever gives the scope is not told to give it', async () => {
    const lines = (port: number) => `10.9.0.1 ${port} tcp 2026-05-02T00:00:00Z\n`;
    const warningsOf = async (query: string, port: number) => {
      const response = await put(`/scans?scanner=lab-1${query}`, lines(port));
      const { scan } = (await response.json()) as { scan: { receipt: { warnings: string[] } } };
      return scan.receipt.warnings.join();
    };
    expect(await warningsOf('', 22)).toContain('the scope must come with the upload');
    expect(await warningsOf('&addresses=10.9.0.0/31&ports=22-24', 23)).not.toContain('the scope must come');
  });

  test.each([
    ['no scanner', '', 400, 'BAD_INPUT'],
    ['an unknown scanner', '?scanner=nobody', 404, 'NOT_FOUND'],
    ['a parameter that is none', '?scanner=lab-1&scaner=x', 400, 'BAD_INPUT'],
    ['wrong ports', '?scanner=lab-1&ports=70000', 400, 'BAD_INPUT'],
    ['wrong addresses', '?scanner=lab-1&addresses=010.0.0.1', 400, 'BAD_INPUT'],
    ['a wrong time', '?scanner=lab-1&observedAt=now', 400, 'BAD_INPUT'],
    ['a day that there is not', '?scanner=lab-1&observedAt=2026-02-30T00:00:00Z', 400, 'BAD_INPUT'],
    ['an unknown format', '?scanner=lab-1&format=pdf', 422, 'NOT_A_REPORT'],
    ['a scope that the report contradicts', '?scanner=lab-1&ports=80', 422, 'SCOPE_CONTRADICTS_REPORT'],
  ])('%s is refused with the reason', async (_name, query, status, code) => {
    const response = await put(`/scans${query}`, newReport());
    expect(response.status).toBe(status);
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    const problem = (await response.json()) as { code: string; detail: string };
    expect(problem.code).toBe(code);
    expect(problem.detail).not.toBe('');
  });

  test('an unknown format is refused for a report that is known already, too', async () => {
    const report = newReport();
    expect((await put('/scans?scanner=lab-1', report)).status).toBe(201);
    expect((await put('/scans?scanner=lab-1&format=pdf', report)).status).toBe(422);
  });

  test('what the upload says wrongly is told apart from what the report does', async () => {
    const response = await put('/scans?scanner=lab-1&observedAt=2099-01-01T00:00:00Z', newReport());
    expect(response.status).toBe(422);
    expect(await response.json()).toMatchObject({
      code: 'FUTURE',
      detail: expect.stringMatching(/^The upload says .* 2099-01-01/) as unknown,
    });
  });

  test.each([
    ['something else', 'hello'],
    ['nothing', ''],
    [
      'an XML bomb',
      '<?xml version="1.0"?><!DOCTYPE nmaprun [<!ENTITY a "x">]><nmaprun args="&a;"></nmaprun>',
    ],
  ])('%s is refused as a whole, and the server says why', async (_name, report) => {
    const response = await put('/scans?scanner=lab-1', report);
    expect([422, 400]).toContain(response.status);
    expect(await response.json()).toMatchObject({ detail: expect.stringMatching(/.+/) as unknown });
    expect(server.failures()).toEqual([]);
  });

  test('a large report goes through PUT; its parts may come in any order and again', async () => {
    const upload = await prepare({ parts: 2 });
    const paths = upload.urls.map((url) => new URL(url).pathname);
    const second = newReport({
      targets: '10.9.0.4/30',
      hosts: [{ address: '10.9.0.5', open: { '22/tcp': 'ssh' } }],
    });
    const first = await put(paths[1] ?? '', 'damaged');
    expect(first.status).toBe(202);
    expect(await first.json()).toMatchObject({ received: [{ part: 2, bytes: 7 }], result: null });
    await put(paths[1] ?? '', second);
    const done = await put(paths[0] ?? '', newReport());
    expect(done.status).toBe(201);
    expect(await done.json()).toMatchObject({ result: { scan: { receipt: { hostsUp: 2 } } } });
    const status = await fetch(upload.statusUrl);
    expect(await status.json()).toMatchObject({ parts: 2, result: { repeated: false } });
    expect((await put(paths[0] ?? '', 'more')).status).toBe(409);
  });

  test('progress shows in the API as well', async () => {
    const { id, urls } = await prepare({ parts: 2 });
    await put(new URL(urls[0] ?? '').pathname, 'x');
    const document = `query ($id: ID!) { scanUpload(id: $id) { parts received { part bytes } result { repeated } failure } }`;
    const { data } = await ask(server.url(), document, { id });
    expect(data?.['scanUpload']).toEqual({
      parts: 2,
      received: [{ part: 1, bytes: '1' }],
      result: null,
      failure: null,
    });
  });

  test('an upload that was never prepared is not found', async () => {
    const id = '00000000-0000-4000-8000-000000000000';
    expect((await put(`/uploads/${id}/parts/1`, 'x')).status).toBe(404);
    expect((await fetch(`${server.url()}/uploads/${id}`)).status).toBe(404);
  });

  test('small reports go through a multipart request', async () => {
    const report = newReport({ ports: '22-24' });
    expect(await multipart(report, { ports: '22,23' })).toEqual({
      repeated: false,
      scan: {
        scanner: { name: 'lab-1' },
        receipt: { hostsUp: 1, scope: { ports: '22-23/tcp', portOrigin: 'UPLOAD' } },
      },
    });
    expect(await multipart(gzipSync(newReport()))).toMatchObject({ repeated: false });
    expect(await multipart(report, { ports: '22,23' })).toMatchObject({ repeated: true });
    expect(await multipart('hello')).toMatchObject({ __typename: 'ReportRejected' });
  });

  test('a client has four uploads at a time; the next one is told to wait', async () => {
    const path = '/scans?scanner=lab-1';
    const port = Number(new URL(server.url()).port);
    const answers: string[] = [];
    const slow = Array.from({ length: limits.uploadsOfClientMax + 1 }, () => {
      const socket = connect(port, '127.0.0.1');
      onTestFinished(() => void socket.destroy());
      socket.on('error', () => undefined).on('data', (data) => answers.push(String(data)));
      socket.write(`PUT ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n<`);
      return socket;
    });
    await until('one of them is refused', () => answers.length === 1);
    expect(answers[0]).toMatch(/^HTTP\/1.1 429 .*\r\nRetry-After: 5\r\n/s);
    expect((await put(path, newReport())).status).toBe(429);
    for (const socket of slow) socket.destroy();
    await until('one is let in again', async () => (await put(path, newReport())).status === 201);
    expect(server.failures()).toEqual([]);
  });
});
