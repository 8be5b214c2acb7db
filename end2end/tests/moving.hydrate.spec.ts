// Moving between pages, and pages that change while they are open: the focus, the title and what is open follow as a person expects.
import { expect } from '@playwright/test';
import { addDomain, fresh, heading, open, publish, recordRow, signIn, test } from './support';

test('the heading takes the focus and the title changes', async ({ page }) => {
  // The list is sorted by name: this one stands on its first page, however many there are.
  const { domain } = await addDomain(fresh('0-visited'));
  await signIn(page);
  for (const [link, title] of [['Help', 'Help'], ['Domains', 'Web Domains'], [domain, domain], ['Domains', 'Web Domains'], ['Add Web Domain', 'Add Web Domain']]) {
    await page.getByRole('link', { name: link, exact: true }).first().click();
    await expect(heading(page, title)).toBeFocused();
    await expect(page).toHaveTitle(`${title} - Padlock`);
    await expect(page.getByRole('heading', { level: 1 })).toHaveCount(1);
  }
  await page.goBack();
  await expect(heading(page, 'Web Domains')).toBeVisible();
  await expect(page).toHaveTitle('Web Domains - Padlock');
});

test('a live page leaves the focus and what was opened alone', async ({ page }) => {
  const { id, domain } = await addDomain(fresh('watched'));
  await signIn(page);
  await open(page, `/domains/${id}`);
  const row = recordRow(page, 'routing');
  await expect(row.locator('[data-status]')).toHaveAttribute('data-status', 'missing');
  await row.getByText('What each name server answered').click();
  const button = row.getByRole('button').first();
  await button.focus();
  await publish(domain, 'routing');
  await expect(row.locator('[data-status]')).toHaveAttribute('data-status', 'detected');
  await expect(button).toBeFocused();
  await expect(row.locator('details')).toHaveAttribute('open', '');
  await expect(row.getByRole('list').last()).toBeVisible();
});

test('the list follows too, and leaves what is being typed', async ({ page }) => {
  await signIn(page);
  const name = fresh('appears');
  await page.getByRole('searchbox').fill(name.slice(0, -6));
  await expect(page.getByRole('heading', { name: 'No web domain matches' })).toBeVisible();
  const { domain } = await addDomain(name);
  await expect(page.getByRole('link', { name: domain })).toBeVisible();
  await expect(page.getByRole('searchbox')).toHaveValue(name.slice(0, -6));
  await expect(page.getByRole('searchbox')).toBeFocused();
});
