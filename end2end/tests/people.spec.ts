// People and tenants: inviting, changing roles, taking access away, and going from one customer to another.
import { expect, type Page } from '@playwright/test';
import { accessible, addDomain, awake, customers, errorSummary, fresh, heading, lab, mails, open, password, signIn, submitSignIn, test, until } from './support';

/** Signs out, so that the next one starts with a clean browser. */
async function signOut(page: Page) {
  await page.getByRole('button', { name: 'Sign out' }).click();
  await expect(heading(page, 'Sign in')).toBeVisible();
  await awake(page);
}

/** Invites an address as a viewer of the court, and gives the path of the link that was mailed. */
async function invite(page: Page, email: string): Promise<string> {
  await open(page, '/people');
  await page.getByLabel('Email').fill(email);
  await page.getByLabel('Role', { exact: true }).selectOption('viewer');
  await page.getByRole('button', { name: 'Send invitation' }).click();
  await expect(page.getByRole('table', { name: 'Open invitations' }).getByRole('row', { name: email })).toBeVisible();
  await awake(page);
  const [mail] = await until('the invitation is mailed', async () => {
    const found = await mails(email);
    return found.length > 0 && found;
  });
  const base = lab('PADLOCK_PUBLIC_URL');
  return mail.text.slice(mail.text.indexOf(`${base}/invitation/`) + base.length).split(/\s/)[0];
}

test('somebody is invited, accepts, and is removed again', async ({ page }) => {
  test.setTimeout(150_000);
  const email = fresh('new', 'court.test').replace('-', '@');
  await signIn(page);
  const link = await invite(page, email);
  await accessible(page);
  await signOut(page);

  await open(page, link);
  await expect(heading(page, `You are invited to ${customers.court}`)).toBeVisible();
  await page.getByLabel('Choose a password').fill('too short');
  await page.getByRole('button', { name: 'Accept' }).click();
  await expect(errorSummary(page)).toContainText('15 to 256 characters');
  await accessible(page);
  await page.getByLabel('Choose a password').fill(password);
  await page.getByRole('button', { name: 'Accept' }).click();
  await expect(heading(page, 'Sign in')).toBeVisible();
  await awake(page);
  await submitSignIn(page, email, password);
  await expect(heading(page, 'Web Domains')).toBeVisible();
  await expect(page.getByRole('link', { name: 'People' })).toHaveCount(0);
  expect((await page.goto(link))?.status()).toBe(404);
  await signOut(page);

  await signIn(page);
  await open(page, '/people');
  const row = page.getByRole('row', { name: email });
  await row.getByLabel(`Role of ${email}`).selectOption('manager');
  await row.getByRole('button', { name: `Change the role of ${email}` }).click();
  await expect(row.getByLabel(`Role of ${email}`)).toHaveValue('manager');
  await row.getByRole('link', { name: `Remove ${email}` }).click();
  await expect(heading(page, `Remove ${email}`)).toBeVisible();
  await expect(page.getByText(`${email} is manager of ${customers.court}`)).toBeVisible();
  await accessible(page);
  await page.getByRole('button', { name: `Remove ${email}` }).click();
  await expect(heading(page, 'People')).toBeVisible();
  await expect(page.getByRole('row', { name: email })).toHaveCount(0);
  await awake(page);
  await signOut(page);
  await submitSignIn(page, email, password);
  await expect(errorSummary(page)).toContainText('You belong to no customer any more.');
});

test('an invitation that was withdrawn leads nowhere', async ({ page }) => {
  const email = fresh('gone', 'court.test').replace('-', '@');
  await signIn(page);
  const link = await invite(page, email);
  await page.getByRole('button', { name: `Withdraw the invitation of ${email}` }).click();
  await expect(page.getByRole('row', { name: email })).toHaveCount(0);
  expect((await page.goto(link))?.status()).toBe(404);
});

test('a person of two customers goes from one to the other', async ({ page }) => {
  const { domain: theirs } = await addDomain(fresh('theirs'), customers.registry);
  await signIn(page, 'floater');
  // The registry comes first by name; there they only look.
  await expect(page.getByLabel('Customer').locator('option:checked')).toHaveText(customers.registry);
  await page.goto(`/domains?q=${theirs}`);
  await expect(page.getByRole('link', { name: theirs })).toBeVisible();
  await expect(page.getByRole('link', { name: 'Add Web Domain' })).toHaveCount(0);
  await awake(page);
  await page.getByLabel('Customer').selectOption(customers.court);
  await page.getByRole('button', { name: 'Switch customer' }).click();
  await expect(page.getByRole('link', { name: 'Add Web Domain' })).toBeVisible();
  await expect(page.getByLabel('Customer').locator('option:checked')).toHaveText(customers.court);
  await page.goto(`/domains?q=${theirs}`);
  await expect(heading(page, 'Web Domains')).toBeVisible();
  await expect(page.getByRole('link', { name: theirs })).toHaveCount(0);
});

test('an operator adds a customer and an agency', async ({ page }) => {
  const [customer, agency] = [fresh('County', 'x'), fresh('Clerk', 'x')];
  await signIn(page, 'operator');
  await open(page, '/customers');
  await page.getByLabel('Name').fill(customer);
  await page.getByRole('button', { name: 'Add customer' }).click();
  await expect(page.getByRole('listitem').filter({ hasText: customer })).toBeVisible();
  await accessible(page);
  await open(page, '/agencies');
  await page.getByLabel('Name').fill(agency);
  await page.getByLabel('Customer').selectOption(customer);
  await page.getByRole('button', { name: 'Add agency' }).click();
  await expect(page.getByRole('listitem').filter({ hasText: agency })).toContainText(customer);
  await accessible(page);
});

test('a viewer manages nobody', async ({ page }) => {
  await signIn(page, 'viewer');
  await expect(page.getByRole('link', { name: 'People' })).toHaveCount(0);
  expect((await page.goto('/people'))?.status()).toBe(403);
  await expect(heading(page, 'You cannot open this page')).toBeVisible();
});

test('signing out everywhere ends the other browser too', async ({ page, browser }) => {
  const elsewhere = await browser.newContext({ javaScriptEnabled: test.info().project.use.javaScriptEnabled });
  try {
    const other = await elsewhere.newPage();
    await signIn(other, 'newcomer');
    await signIn(page, 'newcomer');
    await open(page, '/account');
    await expect(page.getByRole('row', { name: 'This browser' })).toHaveCount(1);
    await expect(page.getByRole('row', { name: 'Another browser' }).first()).toBeVisible();
    await accessible(page);
    await page.getByRole('button', { name: 'Sign out everywhere' }).click();
    await expect(heading(page, 'Sign in')).toBeVisible();
    await other.goto('/domains');
    await expect(heading(other, 'Sign in')).toBeVisible();
  } finally {
    await elsewhere.close();
  }
});
