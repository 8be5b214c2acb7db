// The list follows what is typed: the server's own rows, without a reload, and without taking the focus.
import { expect } from '@playwright/test';
import { addDomain, fresh, open, signIn, test } from './support';

test('the list follows what is typed', async ({ page }) => {
  const { domain } = await addDomain(fresh('typed'));
  await signIn(page);
  await page.evaluate(() => (document.body.dataset.same = 'page'));
  const [box, rows] = [page.getByRole('searchbox'), page.locator('tbody tr')];
  await box.pressSequentially(domain, { delay: 15 });
  await expect(rows).toHaveCount(1);
  await expect(rows.getByRole('link', { name: domain })).toBeVisible();
  await expect(page).toHaveURL(`/domains?q=${domain}`);
  await expect(page.locator('#said')).toHaveText('1 web domain');
  await box.press('End');
  await box.pressSequentially('.nowhere');
  await expect(page.getByRole('heading', { name: 'No web domain matches' })).toBeVisible();
  await expect(page.locator('#said')).toHaveText('No web domain matches');
  await expect(box).toBeFocused();
  await expect(box).toHaveValue(`${domain}.nowhere`);
  await box.fill('');
  await expect(page).toHaveURL('/domains');
  await expect(page.locator('body')).toHaveAttribute('data-same', 'page');
});

test('typing is never behind: many letters make few questions', async ({ page }) => {
  await signIn(page);
  let asked = 0;
  page.on('request', (request) => (asked += Number(new URL(request.url()).searchParams.has('q'))));
  await page.getByRole('searchbox').pressSequentially('portal-of-the-court', { delay: 20 });
  await expect(page).toHaveURL('/domains?q=portal-of-the-court');
  await expect(page.getByRole('heading', { name: 'No web domain matches' })).toBeVisible();
  expect(asked).toBeLessThan(10);
});

test('a choice is followed too, and keeps what was typed', async ({ page }) => {
  const { domain } = await addDomain(fresh('chosen'));
  await signIn(page);
  await open(page, `/domains?q=${domain}`);
  await page.getByLabel('SSL Status').selectOption('active');
  await expect(page).toHaveURL(`/domains?q=${domain}&ssl_status=active`);
  await expect(page.getByRole('heading', { name: 'No web domain matches' })).toBeVisible();
  await page.getByLabel('SSL Status').selectOption('Any');
  await expect(page.getByRole('link', { name: domain })).toBeVisible();
});
