// Settings of a domain: changed by a form, and refused beside the field.
import { expect } from '@playwright/test';
import { accessible, addDomain, awake, domain, errorSummary, fresh, heading, open, signIn, status, test } from './support';

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
