// Many web domains at once: imported from a table that is checked first, looked at again, and taken along as a file.
import { expect } from '@playwright/test';
import { accessible, awake, errorSummary, fresh, heading, open, signIn, test } from './support';

test('a table is checked, mended, and imported once', async ({ page }) => {
  const [first, second] = [fresh('table'), fresh('table')];
  await signIn(page);
  await page.getByRole('link', { name: 'Import', exact: true }).click();
  await expect(heading(page, 'Import web domains')).toBeVisible();
  await awake(page);
  await accessible(page);
  await page.getByRole('button', { name: 'Check the table' }).click();
  await expect(errorSummary(page)).toContainText('empty');
  await accessible(page);
  await page.getByLabel('Or paste the table').fill(`domain,name,wildcard\n${first},First,\nhttps://${second}/,Second,\n`);
  await page.getByRole('button', { name: 'Check the table' }).click();
  await expect(heading(page, 'Check your answers')).toBeVisible();
  await expect(page.getByText('1 web domain will be added, 0 in the Console already, 1 with a problem.')).toBeVisible();
  const wrong = page.getByRole('table', { name: 'Rows with a problem' }).getByRole('row', { name: second });
  await expect(wrong).toContainText('3');
  await expect(wrong).toContainText('domain:');
  await accessible(page);
  await page.getByRole('link', { name: 'Send another table' }).click();
  await expect(heading(page, 'Import web domains')).toBeVisible();
  await page.getByLabel('A CSV file').setInputFiles({ name: 'domains.csv', mimeType: 'text/csv', buffer: Buffer.from(`Domain;Name\r\n${first};First\r\n${second};Second\r\n`) });
  await page.getByRole('button', { name: 'Check the table' }).click();
  await page.getByRole('button', { name: 'Add 2 web domains' }).click();
  await expect(heading(page, 'Web Domains')).toBeVisible();
  await expect(page.getByText('2 added, 0 in the Console already, 0 with a problem.')).toBeVisible();
  await open(page, `/domains?q=${second}`);
  await expect(page.getByRole('link', { name: second })).toBeVisible();
});

test('domains are ticked and looked at again, and the list is taken along as a file', async ({ page }) => {
  const names = [fresh('ticked'), fresh('ticked')];
  await signIn(page);
  await open(page, '/domains/import');
  await page.getByLabel('Or paste the table').fill(names.join('\n'));
  await page.getByRole('button', { name: 'Check the table' }).click();
  await page.getByRole('button', { name: 'Add 2 web domains' }).click();
  await expect(heading(page, 'Web Domains')).toBeVisible();
  await open(page, '/domains?q=ticked');
  await page.getByRole('button', { name: 'Refresh those ticked' }).click();
  await expect(errorSummary(page)).toContainText('No web domain is ticked.');
  await open(page, `/domains?q=${names[0]}`);
  await page.getByLabel(`Tick ${names[0]}`).check();
  await page.getByRole('button', { name: 'Refresh those ticked' }).click();
  await expect(page.getByText('1 web domain is checked now.')).toBeVisible();
  await page.getByRole('button', { name: 'Refresh all in this list' }).click();
  await expect(page.getByText('1 web domain is not: checked within the last 5 seconds.')).toBeVisible();
  await accessible(page);
  const href = await page.getByRole('link', { name: 'Download CSV' }).getAttribute('href');
  const file = await page.request.get(href ?? '');
  expect(file.headers()['content-disposition']).toContain('web-domains.csv');
  expect((await file.text()).trim().split('\r\n')).toHaveLength(2);
});
