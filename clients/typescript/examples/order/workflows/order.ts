// An order: a payment that may have to be tried again, a night's sleep, an approval.

import { createHook, getStepMetadata, RetryableError, sleep } from 'workflow';

async function charge(order: string, cents: number): Promise<string> {
  'use step';
  if (getStepMetadata().attempt === 1) {
    throw new RetryableError('the bank is busy', { retryAfter: 1000 });
  }
  return `receipt-${order}-${cents}`;
}

async function ship(order: string, place: string): Promise<string> {
  'use step';
  return `${order} to ${place}`;
}

export async function fulfil(order: string, cents: number) {
  'use workflow';
  const receipt = await charge(order, cents);
  await sleep('1s');
  const approval = createHook<{ by: string }>({ token: `approve-${order}` });
  const { by } = await approval;
  const parcels = await Promise.all([ship(order, 'Berlin'), ship(order, 'Lyon')]);
  return { receipt, by, parcels };
}
