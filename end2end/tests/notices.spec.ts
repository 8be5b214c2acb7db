// Mails about domains: what arrives, choosing what to receive, and ending it from the mail itself.
import { expect } from '@playwright/test';
import { accessible, activeDomain, heading, mails, open, people, signIn, test, until } from './support';

test.setTimeout(150_000);

test('a manager is written to, chooses less, and a click in the mail ends it', async ({ page }) => {
  const { id, domain: name, certificates } = await activeDomain();
  const mail = await until('the certificate is told of', async () =>
    (await mails(people.clerk.email)).find(({ subject }) => subject.startsWith(`The certificate of ${name} is installed`)),
  );
  expect(mail.text).toContain(certificates[0].serial);
  expect(mail.html).toContain(certificates[0].serial);
  const link = mail.text.match(/http\S+\/unsubscribe\/\S+/)?.[0] ?? '';
  await open(page, new URL(link).pathname + new URL(link).search);
  await expect(page.getByText('A certificate is issued and installed')).toBeVisible();
  await accessible(page);
  await page.getByRole('button', { name: 'End these mails' }).click();
  await expect(heading(page, 'Unsubscribed')).toBeVisible();
  await accessible(page);

  await signIn(page);
  await open(page, `/domains/${id}`);
  const told = new RegExp(`Mailed to \\d+ (person|people): The certificate of ${name} is installed`);
  await expect(page.getByRole('region', { name: 'Timeline' }).getByText(told)).toHaveCount(1);

  await open(page, '/account');
  await page.getByRole('link', { name: 'Choose what we write to you about' }).click();
  await expect(heading(page, 'Your mails')).toBeVisible();
  await expect(page.getByLabel('A certificate is issued and installed')).not.toBeChecked();
  await accessible(page);
  await page.getByLabel('A certificate is issued and installed').check();
  await page.getByLabel('A certificate is renewed').uncheck();
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByRole('status').filter({ hasText: 'Saved.' })).toBeVisible();
  await open(page, '/account/mails');
  await expect(page.getByLabel('A certificate is issued and installed')).toBeChecked();
  await expect(page.getByLabel('A certificate is renewed')).not.toBeChecked();
  await page.getByLabel('A certificate is renewed').check();
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByRole('status').filter({ hasText: 'Saved.' })).toBeVisible();
});
