// Removing a domain: what will happen is spelled out, and only its typed name goes through.
import { expect } from '@playwright/test';
import { accessible, addDomain, awake, errorSummary, fresh, heading, open, signIn, test } from './support';

test('only the right name removes a domain', async ({ page }) => {
  const { id, domain } = await addDomain(fresh('unwanted'));
  await signIn(page);
  await open(page, `/domains/${id}`);
  await page.getByText('Remove this domain').click();
  await page.getByRole('link', { name: 'Go on to remove the domain' }).click();
  await expect(heading(page, `Remove ${domain}`)).toBeVisible();
  await expect(page.getByText('Delete its DNS records at your DNS provider afterwards')).toBeVisible();
  await expect(page.getByRole('table', { name: 'Records to delete' }).getByRole('row')).toHaveCount(4);
  await awake(page);

  await page.getByLabel(`Type ${domain} to remove it`).fill('portal.court.test');
  await page.getByRole('button', { name: 'Remove web domain' }).click();
  await expect(errorSummary(page)).toContainText(`Type ${domain} to remove it.`);
  await expect(page.getByLabel(`Type ${domain} to remove it`)).toHaveValue('portal.court.test');
  await awake(page);

  await page.getByLabel(`Type ${domain} to remove it`).fill(domain);
  await page.getByRole('button', { name: 'Remove web domain' }).click();
  await expect(heading(page, 'Web Domains')).toBeVisible();
  await expect(page).toHaveURL('/domains');
  await expect(page.getByRole('link', { name: domain })).toHaveCount(0);
  await page.goto(`/domains?q=${domain}`);
  await expect(page.getByRole('heading', { name: 'No web domain matches' })).toBeVisible();
});

test('somebody who changes their mind keeps the domain', async ({ page }) => {
  const { id, domain } = await addDomain(fresh('kept'));
  await signIn(page);
  await open(page, `/domains/${id}/remove`);
  await page.getByRole('link', { name: 'Keep it' }).click();
  await expect(heading(page, domain)).toBeVisible();
});

test('what removed domains left in DNS has a page', async ({ page }) => {
  await signIn(page);
  await page.getByRole('link', { name: 'Removed domains' }).click();
  await expect(heading(page, 'Removed domains whose records still point here')).toBeVisible();
  await accessible(page);
});
