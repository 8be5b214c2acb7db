// API tokens: made and shown once, used, and revoked; a manager's are of their own customer.
import { expect } from '@playwright/test';
import { accessible, customers, errorSummary, fresh, heading, lab, open, scripted, signIn, test } from './support';

test('a token is made, shown once, used and revoked', async ({ page }) => {
  const name = fresh('nightly', 'report');
  await signIn(page);
  await open(page, '/people');
  await page.getByRole('link', { name: 'API tokens' }).click();
  await expect(heading(page, 'API tokens')).toBeVisible();
  await expect(page.getByLabel('Customer', { exact: true })).toHaveCount(0);
  await expect(page.getByLabel('Role').getByRole('option')).toHaveText(['viewer', 'manager']);
  await page.getByRole('button', { name: 'Make token' }).click();
  await expect(errorSummary(page)).toContainText('Enter a name.');
  await accessible(page);

  await page.getByLabel('Name').fill(name);
  await page.getByLabel('Role').selectOption('manager');
  await page.getByRole('button', { name: 'Make token' }).click();
  const made = page.getByRole('region', { name: 'Your new token' });
  await expect(made).toBeVisible();
  await expect(page).toHaveURL(/\/tokens$/);
  const token = await made.locator('#made-text').innerText();
  expect(token).toMatch(/^padlock_[0-9a-f-]{36}_[\w-]{43}$/);
  await accessible(page);
  if (scripted()) {
    await made.getByRole('button', { name: 'Copy token' }).click();
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(token);
  }
  expect((await page.context().cookies()).map((cookie) => cookie.name)).toEqual(['padlock']);
  await page.reload();
  await expect(made).toHaveCount(0);
  expect(await page.content()).not.toContain(token);

  const row = page.getByRole('row', { name });
  await expect(row).toContainText(token.slice(0, token.lastIndexOf('_') + 1).slice(0, 20));
  await expect(row).toContainText(customers.court);
  await expect(row).toContainText('manager, read only');
  await expect(row).toContainText('Never');
  const ask = (method: string) =>
    fetch(`${lab('PADLOCK_PUBLIC_URL')}/api/v1/agencies`, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: method === 'POST' ? JSON.stringify({ name: 'Not allowed' }) : undefined,
    });
  expect((await ask('GET')).status).toBe(200);
  expect((await ask('POST')).status).toBe(403);
  await page.reload();
  await expect(row).not.toContainText('Never');

  await row.getByRole('link', { name: `Revoke ${name}` }).click();
  await expect(heading(page, `Revoke ${name}`)).toBeVisible();
  await expect(page.getByText('It was last used on')).toBeVisible();
  await accessible(page);
  await page.getByRole('button', { name: `Revoke ${name}` }).click();
  await expect(heading(page, 'API tokens')).toBeVisible();
  await expect(page.getByRole('row', { name })).toHaveCount(0);
  expect((await ask('GET')).status).toBe(401);
  await open(page, '/activity');
  await expect(page.getByText(`API token ${name} revoked`)).toBeVisible();
  await expect(page.getByText(`API token ${name} made as manager`)).toBeVisible();
});

test('an operator makes tokens of any customer, a viewer none', async ({ page }) => {
  await signIn(page, 'operator');
  await open(page, '/tokens');
  await page.getByLabel('Name').fill(fresh('robot', 'of-all'));
  await page.getByLabel('Role').selectOption('viewer');
  await page.getByLabel('Customer', { exact: true }).selectOption({ label: customers.registry });
  await page.getByLabel('Access').selectOption({ label: 'Read and change' });
  await page.getByLabel('Works for').selectOption({ label: '30 days' });
  await page.getByRole('button', { name: 'Make token' }).click();
  await expect(page.getByRole('region', { name: 'Your new token' })).toBeVisible();
  await accessible(page);
  await page.context().clearCookies();
  await signIn(page, 'viewer');
  expect((await page.goto('/tokens'))?.status()).toBe(403);
  await expect(page.getByRole('button', { name: 'Make token' })).toHaveCount(0);
});
