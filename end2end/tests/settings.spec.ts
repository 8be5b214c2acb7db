// Settings of a domain: changed by a form, and refused beside the field.
import { expect } from '@playwright/test';
import { accessible, addDomain, api, awake, domain, errorSummary, fresh, heading, open, signIn, status, test } from './support';

test('a name is changed, and a domain is switched off and on', async ({ page }) => {
  const { id, domain: name } = await addDomain(fresh('settled'));
  await signIn(page);
  await open(page, `/domains/${id}`);
  await page.getByRole('link', { name: 'Settings' }).click();
  await expect(heading(page, `Settings of ${name}`)).toBeVisible();
  await awake(page);
  await accessible(page);
  await page.getByLabel('Name').fill(' ');
  await page.getByRole('button', { name: 'Save settings' }).click();
  await expect(errorSummary(page)).toBeVisible();
  await awake(page);
  await page.getByLabel('Name').fill('Jury portal');
  await page.getByLabel('Switched').selectOption('off');
  await page.getByRole('button', { name: 'Save settings' }).click();
  await expect(heading(page, name)).toBeVisible();
  await expect(page.getByText('Jury portal')).toBeVisible();
  await expect(status(page, 'Domain Status')).toHaveText('Disabled');
  expect((await domain(name)).name).toBe('Jury portal');
  await open(page, `/domains/${id}/settings`);
  await expect(page.getByLabel('Name')).toHaveValue('Jury portal');
  await page.getByLabel('Switched').selectOption('on');
  await page.getByRole('button', { name: 'Save settings' }).click();
  await expect(status(page, 'Domain Status')).toHaveText('Verification Pending');
});

test('other agencies use a domain, and reports go to addresses', async ({ page }) => {
  const { id, domain: name } = await addDomain(fresh('shared'));
  await signIn(page);
  await open(page, '/agencies');
  const agency = `Clerk ${Date.now()}`;
  await page.getByLabel('Name').fill(agency);
  await page.getByRole('button', { name: 'Add agency' }).click();
  await expect(page.getByText(agency)).toBeVisible();
  await open(page, `/domains/${id}/settings`);
  await page.getByLabel(agency).check();
  await page.getByLabel('Monitoring Reports').fill('ana@court.test\nnobody');
  await page.getByLabel('How often').selectOption('weekly');
  await page.getByRole('button', { name: 'Save agencies and reports' }).click();
  await expect(errorSummary(page)).toContainText('is no e-mail address');
  await accessible(page);
  await expect(page.getByLabel('Monitoring Reports')).toHaveValue('ana@court.test\nnobody');
  await expect(page.getByLabel(agency)).toBeChecked();
  await expect(page.getByLabel('How often')).toHaveValue('weekly');
  await page.getByLabel('Monitoring Reports').fill('ana@court.test\nbo@court.test');
  await page.getByRole('button', { name: 'Save agencies and reports' }).click();
  await expect(heading(page, name)).toBeVisible();
  await expect(page.getByText(`Used by ${agency}`)).toBeVisible();
  expect((await domain(name)).monitoring_reports).toEqual({ addresses: ['ana@court.test', 'bo@court.test'], every: 'weekly' });
  // Whoever looks at the agency's domains finds it.
  const { enabled_agencies: [agencyId] } = await api<{ enabled_agencies: string[] }>('GET', `/domains/${id}`);
  await open(page, `/domains?agency=${agencyId}`);
  await expect(page.getByRole('search').getByLabel('Agency', { exact: true }).locator('option:checked')).toHaveText(agency);
  await expect(page.locator('tbody tr')).toHaveCount(1);
  await expect(page.locator('tbody').getByRole('link', { name, exact: true })).toBeVisible();
  await open(page, `/domains/${id}/settings`);
  await expect(page.getByLabel(agency)).toBeChecked();
  await page.getByLabel(agency).uncheck();
  await page.getByRole('button', { name: 'Save agencies and reports' }).click();
  await expect(heading(page, name)).toBeVisible();
  await expect(page.getByText(agency)).toHaveCount(0);
  await open(page, `/domains?agency=${agencyId}`);
  await expect(page.getByRole('heading', { name: 'No web domain matches' })).toBeVisible();
});
