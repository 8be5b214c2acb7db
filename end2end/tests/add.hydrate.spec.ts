// Add Web Domain with JavaScript: the name is judged while it is typed, by the server's own rules, and quietly.
import { expect, type Page } from '@playwright/test';
import { addDomain, customers, errorSummary, fresh, heading, open, signIn, test } from './support';

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

test('what only the server knows is said while the name is typed', async ({ page }) => {
  const { id, domain } = await addDomain(fresh('mine'));
  const [foreign, apex] = [fresh('theirs'), fresh('apex', 'test')];
  await addDomain(foreign, customers.registry);
  const field = page.getByLabel('Domain', { exact: true });
  const advice = page.locator('[aria-live="polite"]');
  await field.fill('co.uk');
  await expect(advice).toContainText('co.uk is a shared suffix or a private name');
  await field.fill(apex);
  await expect(advice).toContainText(`${apex} is the zone's own name, where no CNAME can stand. Use a name below it`);
  await field.fill(domain.toUpperCase());
  await expect(advice).toContainText('This domain is already in the Console.');
  await expect(advice.getByRole('link', { name: 'Open its page' })).toHaveAttribute('href', `/domains/${id}`);
  await field.fill(`*.${fresh('star')}`);
  await expect(advice).toContainText('A wildcard: it stands for every name one label below, and is validated over DNS only.');
  await expect(field).toBeFocused();
  // What another customer has is theirs to know.
  await field.fill(foreign);
  await page.keyboard.press('Tab');
  await expect(advice).toHaveText(`${foreign} can be added.`);
});

test('many letters make few questions', async ({ page }) => {
  let asked = 0;
  page.on('request', (request) => (asked += Number(request.url().endsWith('/domains/name-check'))));
  const name = fresh('typed');
  await page.getByLabel('Domain', { exact: true }).pressSequentially(name, { delay: 20 });
  await page.keyboard.press('Tab');
  await expect(page.locator('[aria-live="polite"]')).toHaveText(`${name} can be added.`);
  expect(asked).toBeLessThan(5);
});

test('an answer that comes late says nothing of another name', async ({ page }) => {
  await page.route(/\/domains\/name-check$/, async (route) => {
    if (route.request().postData()?.includes('co.uk')) await new Promise((resolve) => setTimeout(resolve, 1_500));
    await route.continue().catch(() => undefined); // The page may have broken it off.
  });
  const field = page.getByLabel('Domain', { exact: true });
  const advice = page.locator('[aria-live="polite"]');
  const broken = page.waitForEvent('requestfailed', (request) => request.url().endsWith('/domains/name-check'));
  const first = page.waitForRequest(/\/domains\/name-check$/);
  await field.fill('co.uk');
  await first;
  const name = fresh('next');
  await field.fill(name);
  await page.keyboard.press('Tab');
  await broken;
  await expect(advice).toHaveText(`${name} can be added.`);
});

test('without an answer the form works as ever, and nothing is promised', async ({ page }) => {
  await page.route(/\/domains\/name-check$/, (route) => route.fulfill({ status: 422, contentType: 'application/json', body: '{}' }));
  const field = page.getByLabel('Domain', { exact: true });
  const answered = page.waitForResponse(/\/domains\/name-check$/);
  const name = fresh('unanswered');
  await field.fill(name);
  await page.keyboard.press('Tab');
  await answered;
  await expect(page.locator('[aria-live="polite"]')).toHaveText('');
  await field.press('Enter');
  await expect(heading(page, name)).toBeVisible();
});

test('an operator hears of the customer who is chosen', async ({ page }) => {
  const { domain } = await addDomain(fresh('chosen'));
  await signInAgain(page);
  const field = page.getByLabel('Domain', { exact: true });
  const advice = page.locator('[aria-live="polite"]');
  await page.getByLabel('Customer').selectOption(customers.court);
  await field.fill(domain);
  await expect(advice).toContainText('This domain is already in the Console.');
  await page.keyboard.press('Tab');
  await page.getByLabel('Customer').selectOption(customers.registry);
  await expect(advice).toHaveText(`${domain} can be added.`);
});

async function signInAgain(page: Page) {
  await page.context().clearCookies();
  await signIn(page, 'operator');
  await open(page, '/domains/new');
}
