import type { Application } from '../graphql/context.ts';

const patienceMs = 2000;

/** Why the server should get no requests now; undefined where it should. */
export async function unreadiness(
  application: Application,
  stopping: AbortSignal,
): Promise<string | undefined> {
  if (stopping.aborted) return 'stopping';
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<string>((resolve) => {
    timer = setTimeout(resolve, patienceMs, 'the database does not answer');
  });
  const answer = application.addressSpaces.all().then(
    () => undefined,
    () => 'the database does not work',
  );
  return Promise.race([answer, tooLate]).finally(() => clearTimeout(timer));
}
