// The countdown to the next check: it stands on a page that is awake, and counts.
import { expect } from '@playwright/test';
import { addDomain, fresh, open, signIn, test, until } from './support';

test('the time to the next check is shown and counted down', async ({ page }) => {
  const { id } = await addDomain(fresh('counted'));
  await signIn(page);
  await open(page, `/domains/${id}`);
  const countdown = page.locator('time[data-shape="countdown"]');
  await expect(countdown).toHaveText(/^(Next check in \d+:\d\d|Checking now)$/);
  // It is read several times in each second; a check that comes in between sets it up anew.
  const read: number[] = [];
  await until('one second less', async () => {
    const left = /^Next check in (\d+):(\d\d)$/.exec((await countdown.textContent()) ?? '');
    if (left) read.push(60 * Number(left[1]) + Number(left[2]));
    return read.some((seconds, place) => place > 0 && read[place - 1] === seconds + 1);
  });
});
