// Signing in and out: who comes in, what is kept of a failed try, and what an old cookie still opens.
import { expect } from '@playwright/test';
import { addDomain, awake, customers, errorSummary, fresh, heading, open, password, people, signIn, submitSignIn, test } from './support';

test('a wrong password is named, and the address stays', async ({ page }) => {
  await open(page, '/sign-in');
  await submitSignIn(page, people.viewer.email, 'not the password of anybody');
  await expect(errorSummary(page)).toContainText('The e-mail address or the password is wrong.');
  await expect(page).toHaveTitle('Error: Sign in - Padlock');
  await expect(page.getByLabel('Email')).toHaveValue(people.viewer.email);
  await expect(page.getByLabel('Password', { exact: true })).toHaveValue('');

  await submitSignIn(page, people.viewer.email, password);
  await expect(heading(page, 'Web Domains')).toBeVisible();
  await expect(page).toHaveTitle('Web Domains - Padlock');
  await expect(page.getByText(people.viewer.email)).toBeVisible();
});

test('an error leads to its field', async ({ page }) => {
  await open(page, '/sign-in');
  await submitSignIn(page, people.viewer.email, 'not the password of anybody');
  await errorSummary(page).getByRole('link').click();
  await expect(page.getByLabel('Password', { exact: true })).toBeFocused();
});

test('signing out ends the session, not only the cookie', async ({ page, context }) => {
  await signIn(page);
  const cookies = await context.cookies();
  const api = () => context.request.get('/api/v1/domains').then((answer) => answer.status());
  expect(await api()).toBe(200);
  expect(cookies.map(({ httpOnly, sameSite }) => ({ httpOnly, sameSite }))).toEqual([{ httpOnly: true, sameSite: 'Lax' }]);
  await page.getByRole('button', { name: 'Sign out' }).click();
  await expect(heading(page, 'Sign in')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Sign out' })).toHaveCount(0);

  await context.clearCookies();
  await context.addCookies(cookies);
  await page.goto('/domains');
  await expect(heading(page, 'Sign in')).toBeVisible();
  expect(await api()).toBe(401);
});

for (const wanted of ['/domains/new', '/domains?q=portal&ssl_status=active']) {
  test(`a visitor who wants ${wanted} signs in first and then gets there`, async ({ page }) => {
    await page.goto(wanted);
    await expect(heading(page, 'Sign in')).toBeVisible();
    await awake(page);
    await submitSignIn(page, people.clerk.email, password);
    await expect(page).toHaveURL(wanted);
    await expect(page.getByRole('heading', { level: 1 })).toHaveText(wanted === '/domains/new' ? 'Add Web Domain' : 'Web Domains');
  });
}

test('signing in never leads to another site', async ({ page }) => {
  await open(page, '/sign-in?next=//evil.example/');
  await submitSignIn(page, people.clerk.email, password);
  await expect(heading(page, 'Web Domains')).toBeVisible();
  await expect(page).toHaveURL('/domains');
});

test('a viewer sees a domain and is offered nothing that would change it', async ({ page }) => {
  const { id, domain } = await addDomain(fresh('seen'));
  await signIn(page, 'viewer');
  await expect(page.getByRole('link', { name: 'Add Web Domain' })).toHaveCount(0);
  await open(page, `/domains/${id}`);
  await expect(heading(page, domain)).toBeVisible();
  await expect(page.getByText('Remove this domain')).toHaveCount(0);
  await page.goto('/domains/new');
  await expect(heading(page, 'You cannot open this page')).toBeVisible();
  await expect(page.getByRole('heading', { level: 1 })).toHaveCount(1);
});

test("another customer's domain is not found", async ({ page }) => {
  const { id } = await addDomain(fresh('private'), customers.registry);
  await signIn(page, 'clerk');
  const answer = await page.goto(`/domains/${id}`);
  expect(answer?.status()).toBe(404);
  await expect(heading(page, 'Page not found')).toBeVisible();
});
