// The keyboard alone: the skip link, everything reached in the order in which it stands, and always to be seen where one is.
import { expect, type Page } from '@playwright/test';
import { activeDomain, addDomain, api, fresh, heading, open, people, password, signIn, test, until } from './support';
import { uploaded } from './uploaded';

test('the first key press offers to skip to the content', async ({ page }) => {
  await signIn(page);
  await page.reload();
  await page.keyboard.press('Tab');
  const skip = page.getByRole('link', { name: 'Skip to main content' });
  await expect(skip).toBeFocused();
  await expect(skip).toBeInViewport({ ratio: 1 });
  await page.keyboard.press('Enter');
  await expect(page.getByRole('main')).toBeFocused();
  await page.keyboard.press('Tab');
  await expect(page.getByRole('link', { name: 'Add Web Domain' })).toBeFocused();
});

const pages: [string, (page: Page) => Promise<string>][] = [
  ['sign in', async () => '/sign-in'],
  ['the list', async (page) => (await signIn(page), await addDomain(fresh('reached')), '/domains')],
  ['add a domain', async (page) => (await signIn(page), '/domains/new')],
  ['a domain that waits', async (page) => (await signIn(page), `/domains/${await examined()}`)],
  ['a domain that is Active', async (page) => (await signIn(page), `/domains/${(await activeDomain()).id}`)],
  ['help', async () => '/help'],
  ['triage', async (page) => (await signIn(page, 'operator'), await addDomain(fresh('reached')), '/triage')],
  ['a report', async (page) => (await signIn(page), `/domains/${(await activeDomain()).id}/report`)],
  ['settings', async (page) => (await signIn(page), `/domains/${(await activeDomain()).id}/settings`)],
  ['upload', async (page) => (await signIn(page), `/domains/${(await activeDomain()).id}/upload`)],
  ['import', async (page) => (await signIn(page), '/domains/import')],
  ['export', async (page) => (await signIn(page), `/certificates/${await uploaded()}/export`)],
  ['people', async (page) => (await signIn(page), '/people')],
  ['a certificate', async (page) => (await signIn(page), `/certificates/${(await activeDomain()).certificates[0]!.id}`)],
];

/** A domain without its records, whose page has all that is to be said of that. */
async function examined() {
  const { id } = await addDomain(fresh('reached'));
  await until('a full pass', async () => (await api<{ examined_at?: string }>('GET', `/domains/${id}/diagnosis`)).examined_at);
  return id;
}

for (const [name, address] of pages) {
  test(`Tab reaches everything in order: ${name}`, async ({ page }) => {
    await open(page, await address(page));
    const wanted = (await stops(page)).map(({ name }) => name);
    const reached: string[] = [];
    for (let n = 0; n < wanted.length; n += 1) {
      await page.keyboard.press('Tab');
      const here = (await stops(page)).find((stop) => stop.focused);
      expect(here, `after ${reached.at(-1)}, ${wanted[n]} has no focus`).toBeDefined();
      expect(here!.ring, `the focus on ${here!.name} can be seen`).toBeGreaterThanOrEqual(2);
      reached.push(here!.name);
    }
    expect(reached).toEqual(wanted);
  });
}

test('a domain is added without a mouse', async ({ page }) => {
  const name = fresh('typed');
  await open(page, '/sign-in');
  await page.getByLabel('Email').focus();
  await page.keyboard.type(people.clerk.email);
  await page.keyboard.press('Tab');
  await page.keyboard.type(password);
  await page.keyboard.press('Enter');
  await expect(heading(page, 'Web Domains')).toBeVisible();
  await page.getByRole('link', { name: 'Add Web Domain' }).first().focus();
  await page.keyboard.press('Enter');
  await expect(heading(page, 'Add Web Domain')).toBeVisible();
  await page.getByLabel('Domain', { exact: true }).focus();
  await page.keyboard.type(name);
  await page.keyboard.press('Enter');
  await expect(heading(page, name)).toBeVisible();
});

interface Stop {
  name: string;
  focused: boolean;
  /** How thick its focus ring is, in pixels. */
  ring: number;
}

/** What the keyboard should reach, in the document's order. */
function stops(page: Page): Promise<Stop[]> {
  return page.evaluate(() =>
    [...document.querySelectorAll<HTMLElement>('a[href], button, input:not([type=hidden]), select, textarea, summary')]
      .filter((one) => one.checkVisibility({ visibilityProperty: true }))
      .map((one, place) => {
        const { outlineStyle, outlineWidth } = getComputedStyle(one);
        return {
          name: `${place} ${one.getAttribute('aria-label') ?? (one.textContent || one.id).trim()}`,
          focused: one === document.activeElement,
          ring: outlineStyle === 'none' ? 0 : parseFloat(outlineWidth),
        };
      }),
  );
}
