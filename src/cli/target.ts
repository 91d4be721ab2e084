import type { Command } from 'commander';
import { addTargetConflicts } from './target-conflicts.ts';
import { addTargetExplain } from './target-explain.ts';
import { addTargetExport } from './target-export.ts';
import { addTargetHistory } from './target-history.ts';
import { addTargetImport } from './target-import.ts';
import { addTargetPolicy } from './target-policy.ts';
import { addTargetSource } from './target-source.ts';

/** Adds `target`: what should be, who says so, and how it comes here. */
export function addTarget(program: Command): void {
  const target = program
    .command('target')
    .description('the target: what CMDBs and people declare should be open, and from where');
  addTargetSource(target);
  addTargetPolicy(target);
  addTargetImport(target);
  addTargetExport(target);
  addTargetExplain(target);
  addTargetHistory(target);
  addTargetConflicts(target);
}
