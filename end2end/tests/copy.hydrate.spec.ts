// Copy buttons: the clipboard holds exactly what is shown, and what was copied is said.
import { expect } from '@playwright/test';
import { addDomain, domain, fresh, open, recordRow, signIn, test, until } from './support';

test('each part of each record is copied and named', async ({ page }) => {
  const { id, domain: name } = await addDomain(fresh('copied'));
  await until('the first look', async () => (await domain(name)).dns_records.every(({ state }) => state !== 'unknown'));
  await signIn(page);
  await open(page, `/domains/${id}`);
  const label = name.slice(0, name.indexOf('.'));
  for (const { purpose, value } of (await domain(name)).dns_records) {
    const row = recordRow(page, purpose);
    const title = await row.getByRole('heading').textContent();
    const parts = { host: { validation: `_padlock.${label}`, dcv: `_acme-challenge.${label}`, routing: label }[purpose], [purpose === 'validation' ? 'value' : 'target']: value };
    for (const [part, text] of Object.entries(parts)) {
      const button = page.getByRole('button', { name: `Copy ${part} of ${title}` });
      await button.click();
      await expect(page.getByRole('status')).toHaveText(`Copied ${part} of ${title}.`);
      await expect(button).toHaveText('Copied');
      expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(text);
    }
  }
  await expect(page.getByText('Copied', { exact: true })).toHaveCount(1);
});

test('without a clipboard the text is selected instead', async ({ page }) => {
  await page.addInitScript(() => Object.defineProperty(navigator, 'clipboard', { value: undefined }));
  const { id, domain: name } = await addDomain(fresh('selected'));
  await signIn(page);
  await open(page, `/domains/${id}`);
  const { value } = (await domain(name)).dns_records.find(({ purpose }) => purpose === 'validation')!;
  await page.getByRole('button', { name: 'Copy value of SSL Certificate Validation (TXT)' }).click();
  await expect(page.getByRole('status')).toHaveText(/^(Copied value|The value) of SSL Certificate Validation \(TXT\)/);
  expect(await page.evaluate(() => getSelection()!.toString())).toBe(value);
});
