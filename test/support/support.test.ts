import { EventEmitter } from 'node:events';
import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { madeByRun, oncePerRun } from './once-per-run.ts';
import { drportscan, run, start } from './program.ts';
import { requires } from './requires.ts';
import { temporaryDirectory } from './temporary.ts';
import { until } from './until.ts';

test('a program runs to its end with its output and its exit code', async () => {
  const outcome = await run('sh', ['-c', 'cat; echo sorry >&2; exit 3'], { input: 'hello' });
  expect(outcome).toEqual({ code: 3, signal: null, stdout: 'hello', stderr: 'sorry\n' });
});

test('a program that hangs is killed, and the error shows what it wrote', async () => {
  await expect(run('sh', ['-c', 'echo begun; exec sleep 60'], { withinMs: 200 })).rejects.toThrow(/begun/);
});

test('a started program is awaited by what it prints and stopped by a signal', async () => {
  const program = start('sh', ['-c', 'echo listening on 4711; exec sleep 60']);
  expect((await program.prints(/listening on (\d+)/))[1]).toBe('4711');
  expect((await program.stop()).signal).toBe('SIGTERM');
});

test('waiting for what a program will never print fails as soon as it ends', async () => {
  const program = start('sh', ['-c', 'echo something else; exit 1']);
  await expect(program.prints(/listening/)).rejects.toThrow(/exit 1\nsomething else/);
});

test('the command line program is built', () => {
  expect(existsSync(drportscan)).toBe(true);
});

test('until returns the value as soon as an event makes the condition true', async () => {
  const emitter = new EventEmitter();
  let value = 0;
  setImmediate(() => {
    value = 7;
    emitter.emit('change');
  });
  expect(await until('the value is there', () => value, { on: { emitter, events: ['change'] } })).toBe(7);
});

test('until names what it waited for in vain', async () => {
  await expect(until('pigs fly', () => false, { withinMs: 50 })).rejects.toThrow('in vain until pigs fly');
});

test('until passes on an error of the condition', async () => {
  const condition = () => {
    throw new Error('broken');
  };
  await expect(until('it works', condition)).rejects.toThrow('broken');
});

test('a temporary directory exists', () => {
  expect(existsSync(temporaryDirectory())).toBe(true);
});

test('what is made once in a run is made by one of those who ask', async () => {
  let made = 0;
  const make = async () => {
    made += 1;
    return { made };
  };
  const name = `a thing of process ${process.pid}`;
  const things = await Promise.all([oncePerRun(name, make), oncePerRun(name, make), oncePerRun(name, make)]);
  expect(things).toEqual([{ made: 1 }, { made: 1 }, { made: 1 }]);
});

test('what cannot be made fails for all who ask', async () => {
  const name = `nothing of process ${process.pid}`;
  const make = () => Promise.reject(new Error('no material'));
  await expect(oncePerRun(name, make)).rejects.toThrow('no material');
  await expect(oncePerRun(name, make)).rejects.toThrow('no material');
  await expect(madeByRun('perpetual motion')).rejects.toThrow('does not know how');
});

requires('sh')('with a program that is installed', () => {
  test('the tests run', async () => {
    expect((await run('sh', ['-c', 'exit 0'])).code).toBe(0);
  });
});
