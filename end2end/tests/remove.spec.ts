// Removing a domain: what will happen is spelled out, and only its typed name goes through.
import { expect } from '@playwright/test';
import { accessible, addDomain, awake, errorSummary, fresh, heading, open, publish, record, signIn, test } from './support';

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

test('records that stay in DNS are listed after the removal', async ({ page }) => {
  // What is due is looked at once a minute.
  test.setTimeout(180_000);
  const { id, domain, dns_records } = await addDomain(fresh('stays'));
  await publish(domain, 'dcv', 'routing');
  await signIn(page);
  await open(page, `/domains/${id}/remove`);
  await page.getByLabel(`Type ${domain} to remove it`).fill(domain);
  await page.getByRole('button', { name: 'Remove web domain' }).click();
  await expect(heading(page, 'Web Domains')).toBeVisible();

  const name = page.getByRole('heading', { level: 2, name: domain, exact: true });
  await expect(async () => {
    await open(page, '/domains/removed');
    await expect(name).toBeVisible({ timeout: 1_000 });
  }).toPass({ timeout: 90_000 });
  const records = name.locator('xpath=following-sibling::table[1]').getByRole('row');
  await expect(records).toHaveCount(3);
  for (const { purpose, type, host, value } of dns_records) {
    const row = records.filter({ has: page.getByRole('rowheader', { name: host, exact: true }) });
    await expect(row).toHaveCount(purpose === 'validation' ? 0 : 1);
    if (purpose === 'validation') continue;
    await expect(row).toContainText(type);
    await expect(row).toContainText(value);
    record('del', 'court.test', host, type);
  }
  await accessible(page);
});

test('what removed domains left in DNS has a page, from a list without any domain too', async ({ page }) => {
  await signIn(page, 'newcomer');
  await expect(page.getByRole('heading', { name: 'No web domains yet' })).toBeVisible();
  await expect(page.getByRole('link', { name: 'Removed domains' })).toBeVisible();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await expect(heading(page, 'Sign in')).toBeVisible();
  await signIn(page);
  await page.getByRole('link', { name: 'Removed domains' }).click();
  await expect(heading(page, 'Removed domains whose records still point here')).toBeVisible();
  await accessible(page);
});
