// What leaves the Console for a customer's own DNS: the records by mail, and the records put into the zone with a key.
import { expect } from '@playwright/test';
import { accessible, addDomain, awake, domain, errorSummary, fresh, heading, lab, mails, open, signIn, test, until } from './support';

test('records are mailed after a look at the letter', async ({ page }) => {
  const { id, domain: name } = await addDomain(fresh('mailed'));
  const to = `dns-${Date.now()}@court.test`;
  await signIn(page);
  await open(page, `/domains/${id}`);
  await page.getByText('Send to your DNS administrator').click();
  await page.getByRole('link', { name: 'Notify: mail the records' }).click();
  await expect(heading(page, `Mail the DNS records of ${name}`)).toBeVisible();
  await awake(page);
  await accessible(page);
  await page.getByLabel('Addresses').fill('nobody');
  await page.getByRole('button', { name: 'See the mail' }).click();
  await expect(errorSummary(page)).toContainText('is no e-mail address');
  await page.getByLabel('Addresses').fill(to);
  await page.getByLabel('Note').fill('Thank you!');
  await page.getByRole('button', { name: 'See the mail' }).click();
  await expect(heading(page, 'Check the mail')).toBeVisible();
  await expect(page.getByLabel('Text of the mail')).toContainText('Thank you!');
  await accessible(page);
  expect(await mails(to)).toEqual([]);
  await page.getByRole('button', { name: 'Send the mail' }).click();
  await expect(heading(page, name)).toBeVisible();
  await expect(page.getByText(`DNS records mailed to ${to}`)).toBeVisible();
  const [mail] = await until('the mail', async () => ((await mails(to)).length ? mails(to) : undefined));
  expect(mail!.attachments.map((file) => file.filename.replace(/^.*\./, ''))).toEqual(['zone', 'csv']);
  expect(mail!.text).toContain('Thank you!');
});

test('records are published with one click', async ({ page }) => {
  const { id, domain: name } = await addDomain(fresh('published'));
  await until('the first look', async () => (await domain(name)).dns_records[0]?.checked_at, 60_000);
  await signIn(page);
  await open(page, `/domains/${id}/publish`);
  await expect(heading(page, `Publish the DNS records of ${name}`)).toBeVisible();
  if (await page.getByRole('button', { name: 'Forget this key' }).isVisible()) {
    await page.getByRole('button', { name: 'Forget this key' }).click();
  }
  await accessible(page);
  await page.getByLabel('Primary name server').fill(`${lab('LAB_CUSTOMERS_NS')}:${lab('LAB_DNS_PORT')}`);
  await page.getByLabel('Key name').fill(lab('LAB_TSIG_NAME'));
  await page.getByLabel('Secret').fill('short');
  await page.getByRole('button', { name: 'Store the key' }).click();
  await expect(errorSummary(page)).toContainText('Base64');
  await page.getByLabel('Key name').fill(lab('LAB_TSIG_NAME'));
  await page.getByLabel('Secret').fill(lab('LAB_TSIG_SECRET'));
  await page.getByRole('button', { name: 'Store the key' }).click();
  await expect(page.getByText('3 records of court.test would be changed')).toBeVisible();
  await expect(page.getByRole('table', { name: 'What would be changed' }).getByText('It is added.')).toHaveCount(3);
  await accessible(page);
  await page.getByRole('button', { name: 'Publish these records' }).click();
  await expect(heading(page, name)).toBeVisible();
  await until('all records in place', async () => (await domain(name)).dns_records.every((record) => record.state === 'detected'), 60_000);
  await open(page, `/domains/${id}/publish`);
  await expect(page.getByText('There is nothing that we may publish now.')).toBeVisible();
  await page.getByRole('button', { name: 'Forget this key' }).click();
  await expect(page.getByRole('button', { name: 'Store the key' })).toBeVisible();
});
