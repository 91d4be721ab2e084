#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { Command } from 'commander';

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

await new Command('drportscan')
  .description('Remembers what scanners saw, computes what changed, and pushes it to those who must know.')
  .version(version)
  .parseAsync();
