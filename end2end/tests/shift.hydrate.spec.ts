// Nothing moves while somebody reads: what script adds to a page has its room before it comes.
import { expect, type Page } from '@playwright/test';
import { activeDomain, addDomain, api, awake, type Domain, fresh, signIn, test, until } from './support';

// Times are written as most of those who read them do, and in another zone than the server's.
test.use({ locale: 'en-US', timezoneId: 'America/New_York' });

const pages: [string, () => Promise<string>][] = [
  ['a domain that waits', async () => `/domains/${(await examined()).id}`],
  ['a domain that is Active', async () => `/domains/${(await activeDomain()).id}`],
  ['the list', async () => ((await activeDomain()), '/domains')],
  ['add a domain', async () => '/domains/new'],
  ['a shared link', async () => new URL((await api<{ url: string }>('POST', `/domains/${(await examined()).id}/links`)).url).pathname],
  ['a certificate', async () => `/certificates/${(await activeDomain()).certificates[0]!.id}`],
];

/** A domain without its records, of which all is said that is to be said. */
async function examined(): Promise<Domain> {
  const added = await addDomain(fresh('still'));
  await until('a full pass', async () => (await api<{ examined_at?: string }>('GET', `/domains/${added.id}/diagnosis`)).examined_at);
  return added;
}

for (const width of [360, 1280]) {
  for (const [name, address] of pages) {
    test(`nothing moves at ${width} px: ${name}`, async ({ page }) => {
      await page.setViewportSize({ width, height: 900 });
      await signIn(page);
      const at = await address();
      // News of the domain may come in between, and make room for themselves: what waking up moves is moved each time.
      await expect(async () => expect(await movedByWakingUp(page, at)).toEqual([])).toPass({ timeout: 30_000 });
    });
  }
}

async function movedByWakingUp(page: Page, at: string): Promise<string[]> {
  const wake = await asleep(page);
  await page.goto(at, { waitUntil: 'domcontentloaded' });
  await noteWhereAllStands(page);
  expect(await page.locator('html[data-hydrated]').count(), 'asleep until now').toBe(0);
  wake();
  await awake(page);
  return moved(page);
}

/** Keeps the client back until the call: however fast a machine is, the page is seen before it wakes. */
async function asleep(page: Page): Promise<() => void> {
  let wake = () => {};
  const woken = new Promise<void>((resolve) => (wake = resolve));
  await page.unrouteAll();
  await page.route('**/pkg/*.wasm', async (route) => {
    await woken;
    await route.continue();
  });
  return wake;
}

interface Noted extends Window {
  stood: [Element, DOMRect][];
}

async function noteWhereAllStands(page: Page) {
  await page.evaluate(async () => {
    await document.fonts.ready;
    const all = [...document.body.querySelectorAll('*')];
    (window as unknown as Noted).stood = all.map((one) => [one, one.getBoundingClientRect()]);
  });
}

/** What stands elsewhere than before, of what is still there: higher or lower, or aside by more than a date's letters differ. */
function moved(page: Page): Promise<string[]> {
  return page.evaluate(async () => {
    for (let frame = 0; frame < 20; frame += 1) await new Promise((resolve) => requestAnimationFrame(resolve));
    const moves: string[] = [];
    for (const [one, before] of (window as unknown as Noted).stood) {
      const after = one.getBoundingClientRect();
      if (!one.isConnected || before.width * before.height * after.width * after.height === 0) continue;
      const [x, y] = [after.x - before.x, after.y - before.y].map(Math.round) as [number, number];
      const inLine = getComputedStyle(one).display === 'inline';
      if (y !== 0 || (Math.abs(x) > 8 && !inLine)) moves.push(`${one.tagName}.${one.className} by ${x}, ${y} px: ${one.textContent?.slice(0, 40)}`);
    }
    return moves.slice(0, 20);
  });
}
