// Signing in at an OpenID provider, a real one (`openid.mjs`), and what must not let anybody in.
import { expect, type APIResponse, type Page } from '@playwright/test';
import { accessible, errorSummary, fresh, heading, lab, open, people, signIn, test } from './support';

const console_ = lab('PADLOCK_PUBLIC_URL');
const back = `${console_}/sign-in/openid/back`;

/** Fills in the provider's two pages, whose look comes from elsewhere. */
async function atProvider(page: Page, login: string) {
  await page.locator('input[name=login]').fill(login);
  await page.locator('input[name=password]').fill('anything');
  await page.locator('button[type=submit]').click();
  await page.getByRole('button', { name: 'Continue' }).click();
}

/** Begins a sign-in, and gives the provider's address. */
async function begin(page: Page): Promise<URL> {
  const answer = await page.request.get('/sign-in/openid', { maxRedirects: 0 });
  expect(answer.status()).toBe(303);
  return new URL(answer.headers().location);
}

/** Goes through the provider's pages by hand, and gives the address that it sends the browser back to. */
async function cameBack(page: Page, provider: URL, login: string): Promise<URL> {
  let at = provider.href;
  let answer: APIResponse = await page.request.get(at, { maxRedirects: 0 });
  for (let step = 0; step < 12; step++) {
    if (answer.status() >= 300 && answer.status() < 400) {
      at = new URL(answer.headers().location, at).href;
      if (at.startsWith(back)) return new URL(at);
      answer = await page.request.get(at, { maxRedirects: 0 });
    } else {
      const prompt = /name="prompt" value="(\w+)"/.exec(await answer.text())?.[1] ?? '';
      answer = await page.request.post(at, { form: { prompt, login, password: 'anything' }, maxRedirects: 0, headers: { referer: '' } });
    }
  }
  throw new Error(`the provider did not send the browser back: ${answer.status()} at ${at}`);
}

async function refused(page: Page, at: URL, words: string) {
  await page.goto(at.href);
  await expect(heading(page, 'Sign in')).toBeVisible();
  await expect(errorSummary(page)).toContainText(words);
  await page.goto('/domains');
  await expect(heading(page, 'Web Domains')).toHaveCount(0);
}

test('a person signs in there, the first time by their address, then by their name there', async ({ page }) => {
  await page.route('https://fonts.googleapis.com/**', (route) => route.fulfill({ contentType: 'text/css', body: '' }));
  await open(page, '/sign-in');
  await accessible(page);
  for (const time of ['first', 'second']) {
    await page.goto('/sign-in');
    await page.getByRole('link', { name: 'Sign in with Test ID' }).click();
    await atProvider(page, people.clerk.email);
    await expect(heading(page, 'Web Domains'), time).toBeVisible();
    await expect(page.getByRole('link', { name: people.clerk.email })).toBeVisible();
    await open(page, '/activity');
    await expect(page.getByText('Signed in at the OpenID provider').first()).toBeVisible();
    await page.context().clearCookies();
  }
  const another = await cameBack(page, await begin(page), `second:${people.clerk.email}`);
  await refused(page, another, 'another account of the sign-in service');
});

test('an answer is taken once, by the browser that asked, and only as it was asked for', async ({ page, browser }) => {
  const stale = 'That sign-in was over';
  const answer = await cameBack(page, await begin(page), people.viewer.email);
  const stranger = await browser.newContext({ baseURL: console_ });
  await refused(await stranger.newPage(), answer, stale);
  await stranger.close();
  await page.goto(answer.href);
  await expect(heading(page, 'Web Domains')).toBeVisible();
  await page.context().clearCookies();
  await refused(page, answer, stale);

  const code = answer.searchParams.get('code') ?? '';
  const replayed = new URL(back);
  replayed.search = new URLSearchParams({ code, state: (await begin(page)).searchParams.get('state') ?? '' }).toString();
  await refused(page, replayed, stale);

  const wrongState = await cameBack(page, await begin(page), people.viewer.email);
  wrongState.searchParams.set('state', 'of-somebody-else');
  await refused(page, wrongState, stale);

  await page.context().clearCookies();
  const provider = await begin(page);
  provider.searchParams.set('nonce', 'of-somebody-else');
  await refused(page, await cameBack(page, provider, people.viewer.email), 'does not hold');

  const elsewhere = await cameBack(page, await begin(page), people.viewer.email);
  elsewhere.searchParams.set('iss', 'https://id.evil.example');
  await refused(page, elsewhere, 'does not hold');

  const declined = await begin(page);
  const denied = new URL(back);
  denied.search = new URLSearchParams({ error: 'access_denied', state: declined.searchParams.get('state') ?? '' }).toString();
  await refused(page, denied, 'You were not signed in there.');
});

test('whoever has no account, no verified address, or a disabled account stays out', async ({ page }) => {
  for (const [login, words] of [
    [fresh('nobody', 'court.test').replace('-', '@'), 'Nobody here has your e-mail address.'],
    [`unverified:${people.registrar.email}`, 'has not verified your e-mail address'],
    [people.leaver.email, 'Your account is disabled.'],
  ]) {
    await page.context().clearCookies();
    await refused(page, await cameBack(page, await begin(page), login), words);
  }
});

test('somebody who was invited comes in with the role that they were invited to', async ({ page }) => {
  const email = fresh('invited', 'court.test').replace('-', '@');
  await signIn(page);
  await open(page, '/people');
  await page.getByLabel('Email').fill(email);
  await page.getByLabel('Role', { exact: true }).selectOption('viewer');
  await page.getByRole('button', { name: 'Send invitation' }).click();
  await expect(page.getByRole('table', { name: 'Open invitations' }).getByRole('row', { name: email })).toBeVisible();
  await page.context().clearCookies();
  await page.goto((await cameBack(page, await begin(page), email)).href);
  await expect(heading(page, 'Web Domains')).toBeVisible();
  await expect(page.getByRole('link', { name: 'People' })).toHaveCount(0);
});
