// A link without sign-in: made on the domain's page, opened by somebody without an account, live, and ended.
import { expect } from '@playwright/test';
import { accessible, addDomain, awake, domain, fresh, heading, open, publish, recordRow, scripted, signIn, test, until } from './support';

test('the DNS administrator sees the records without an account', async ({ page, browser }) => {
  const { id, domain: name } = await addDomain(fresh('shared'));
  await until('the first look', async () => (await domain(name)).dns_records.every(({ state }) => state !== 'unknown'));
  await signIn(page);
  await open(page, `/domains/${id}`);
  await page.getByText('Send to your DNS administrator').click();
  await page.getByRole('button', { name: 'Make a link without sign-in' }).click();
  await expect(heading(page, `DNS records of ${name}`)).toBeVisible();
  await awake(page);
  const address = (await page.locator('#link-address').textContent())!;
  expect(address).toBe(page.url());
  expect(address).toMatch(/\/records\/[\w-]{43}$/);

  const context = await browser.newContext({ javaScriptEnabled: scripted() });
  const guest = await context.newPage();
  const answer = (await guest.goto(address))!;
  expect(answer.headers()['referrer-policy']).toBe('no-referrer');
  expect(answer.headers()['x-robots-tag']).toContain('noindex');
  await expect(heading(guest, `DNS records of ${name}`)).toBeVisible();
  await expect(guest.getByText('Summit County Courts asks for these records')).toBeVisible();
  await expect(guest.getByText('This page works until')).toBeVisible();
  await expect(guest.getByRole('heading', { name: 'Send this address' })).toHaveCount(0);
  await expect(guest.getByRole('link', { name: 'Domains' })).toHaveCount(0);
  if (scripted()) await accessible(guest);
  const [download] = await Promise.all([guest.waitForEvent('download'), guest.getByRole('link', { name: 'Download CSV' }).click()]);
  expect(download.suggestedFilename()).toMatch(/\.csv$/);

  await publish(name, 'validation');
  await until('the tick', async () => {
    if (!scripted()) await guest.reload();
    return (await recordRow(guest, 'validation').locator('[data-status]').getAttribute('data-status')) === 'detected';
  }, 60_000);

  await open(page, `/domains/${id}`);
  await page.getByRole('button', { name: /^End the link made by/ }).click();
  await expect(page.getByRole('button', { name: /^End the link made by/ })).toHaveCount(0);
  expect((await guest.goto(address))!.status()).toBe(404);
  await expect(guest.getByText('This link has ended')).toBeVisible();
  await context.close();
});
