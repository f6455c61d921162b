// A step that takes longer than a lease, and a sleep that is to end before it.

import { sleep } from 'workflow';

async function slow(): Promise<string> {
  'use step';
  await new Promise((resolve) => setTimeout(resolve, 20_000));
  return 'the step';
}

export async function race() {
  'use workflow';
  return await Promise.race([slow(), sleep('2s').then(() => 'the sleep')]);
}
