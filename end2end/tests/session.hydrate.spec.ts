// Before a session ends: a word that comes in time, once the server confirms it, and a button that makes it last longer.
import { expect, type Page } from '@playwright/test';
import { accessible, heading, open, signIn, test } from './support';

const MINUTE_MS = 60_000;

/** Has the server's own pages say that this much is left, until somebody does something. */
async function endsIn(page: Page, ms: number, extends_ = true) {
  let used = false;
  const end = Date.now() + ms;
  page.on('request', (request) => (used ||= request.method() === 'POST' && request.url().endsWith('/session/extend')));
  await page.route('**/domains/new', async (route) => {
    const response = await route.fetch();
    const marked = / data-session-left="\d+"( data-session-extends(="")?)?/;
    const html = await response.text();
    expect(html).toMatch(marked);
    await route.fulfill({ response, body: used ? html : html.replace(marked, ` data-session-left="${end - Date.now()}"${extends_ ? ' data-session-extends' : ''}`) });
  });
}

const warning = (page: Page) => page.getByRole('alert').filter({ hasText: 'signed out' });

test('who is about to be signed out stays by one press, and keeps what was typed', async ({ page }) => {
  await signIn(page);
  await endsIn(page, 2 * MINUTE_MS + 8_000);
  await open(page, '/domains/new');
  await page.getByLabel('Name').fill('Public portal');
  await expect(warning(page)).toHaveCount(0);
  await expect(warning(page)).toContainText('You did nothing for a while, and are signed out at');
  await accessible(page);
  await page.getByRole('button', { name: 'Stay signed in' }).click();
  await expect(warning(page)).toHaveCount(0);
  await expect(page.getByRole('status')).toHaveText('You stay signed in.');
  await expect(page.getByLabel('Name')).toHaveValue('Public portal');
  await expect(heading(page, 'Add Web Domain')).toBeFocused();
});

test('after twelve hours nothing helps but signing in again', async ({ page }) => {
  await signIn(page);
  await endsIn(page, MINUTE_MS, false);
  await open(page, '/domains/new');
  await expect(warning(page)).toContainText('You have been signed in for 12 hours');
  await expect(page.getByRole('button', { name: 'Stay signed in' })).toHaveCount(0);
});

test('a session that ended says so, and leaves what was typed alone', async ({ page }) => {
  await signIn(page);
  await endsIn(page, MINUTE_MS);
  await open(page, '/domains/new');
  await page.getByLabel('Name').fill('Public portal');
  await expect(warning(page)).toBeVisible();
  await page.context().clearCookies();
  await page.getByRole('button', { name: 'Stay signed in' }).click();
  await expect(page.getByRole('status')).toHaveText('That did not work. Try again.');
  await expect(page.getByLabel('Name')).toHaveValue('Public portal');
});
