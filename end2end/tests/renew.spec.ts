// Renew now: one press on a domain's page orders another certificate, and the edge serves it.
import { expect } from '@playwright/test';
import { domain, fact, fresh, goLive, open, signIn, test, until, visit } from './support';

test.setTimeout(150_000);

test('a certificate is renewed by one press', async ({ page }) => {
  const name = fresh('renewed');
  const { id, certificates: [first] } = await goLive(name);
  const before = (await visit(name)).certificate.serialNumber;
  await signIn(page);
  await open(page, `/domains/${id}`);
  await page.getByRole('button', { name: 'Renew now' }).click();
  await until('another certificate is served', async () => (await visit(name)).certificate.serialNumber !== before, 60_000);
  await until('the domain is Ready', async () => (await domain(name)).ready);

  const [second] = (await domain(name)).certificates;
  expect(second!.serial).not.toBe(first!.serial);
  await open(page, `/domains/${id}`);
  const details = page.getByRole('region', { name: 'Certificate Details' });
  await details.getByText('Serial number and fingerprint').first().click();
  await expect(fact(details, 'Serial number').first()).toHaveText(second!.serial);
  const timeline = page.getByRole('region', { name: 'Timeline' }).getByRole('listitem');
  for (const step of ['Renewal asked', `Certificate ${second!.serial} issued by`]) {
    await expect(timeline.filter({ hasText: step }).first()).toBeVisible();
  }
});
