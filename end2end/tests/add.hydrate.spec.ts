// Add Web Domain with JavaScript: the name is judged while it is typed, by the server's own rules, and quietly.
import { expect } from '@playwright/test';
import { errorSummary, open, signIn, test } from './support';

test.beforeEach(async ({ page }) => {
  await signIn(page);
  await open(page, '/domains/new');
});

test('a pasted address is turned into its name by one press', async ({ page }) => {
  const field = page.getByLabel('Domain', { exact: true });
  await field.fill('https://portal.court.test/cases');
  await expect(page.getByText('Did you mean portal.court.test?')).toBeVisible();
  await page.getByRole('button', { name: 'Use portal.court.test' }).click();
  await expect(field).toHaveValue('portal.court.test');
  await expect(field).toBeFocused();
});

test('half a name is not blamed; a finished one is judged when the field is left', async ({ page }) => {
  const field = page.getByLabel('Domain', { exact: true });
  const advice = page.locator('[aria-live="polite"]');
  await field.pressSequentially('portal');
  await expect(advice).toHaveText('');
  await field.pressSequentially(' x');
  await expect(advice).toContainText("A space is not allowed in a web address");
  await field.fill('portal.court.test');
  await page.keyboard.press('Tab');
  await expect(advice).toHaveText('portal.court.test can be added.');
});

test('an international name is shown as browsers write it', async ({ page }) => {
  await page.getByLabel('Domain', { exact: true }).fill('bücher.court.test');
  await expect(page.getByText('Browsers write this name as xn--bcher-kva.court.test.')).toBeVisible();
});

test('an error takes the focus and leads to its field', async ({ page }) => {
  await page.getByLabel('Domain', { exact: true }).fill('co.uk');
  await page.keyboard.press('Enter');
  await expect(errorSummary(page)).toBeFocused();
  await errorSummary(page).getByRole('link').click();
  await expect(page.getByLabel('Domain', { exact: true })).toBeFocused();
});
