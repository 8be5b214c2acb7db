// Older pages: what a domain's timeline and the audit log have no room for at first is a link away, and so is the way back.
import { expect } from '@playwright/test';
import { addDomain, api, awake, type Domain, fresh, heading, open, signIn, test } from './support';

/** A page has 50 rows. */
const CHANGES = 55;

/** A domain whose settings were changed more often than a page has rows; made once for both walks. */
function eventful(): Promise<Domain> {
  made ??= (async () => {
    const added = await addDomain(fresh('eventful'));
    for (let n = 1; n <= CHANGES; n += 1) await api('PATCH', `/domains/${added.id}`, { name: `Portal ${n}` });
    return added;
  })();
  return made;
}

let made: Promise<Domain> | undefined;

test('the timeline leads to its older events, and back', async ({ page }) => {
  const { id, domain: name } = await eventful();
  await signIn(page);
  await open(page, `/domains/${id}`);
  const timeline = page.getByRole('region', { name: 'Timeline' });
  const beginning = timeline.getByText(`Web domain ${name} added`);
  await expect(timeline.getByText('Settings changed').first()).toBeVisible();
  await expect(beginning).toHaveCount(0);
  await expect(timeline.getByRole('link', { name: 'Newest events' })).toHaveCount(0);

  await timeline.getByRole('link', { name: 'Older events' }).click();
  await expect(page).toHaveURL(/\?before=.+#timeline$/);
  await expect(beginning).toBeVisible();
  await awake(page);
  await timeline.getByRole('link', { name: 'Newest events' }).click();
  await expect(page).toHaveURL(new RegExp(`/domains/${id}#timeline$`));
  await expect(beginning).toHaveCount(0);
});

test('the audit log leads to its older entries, and back', async ({ page }) => {
  const { domain: name } = await eventful();
  await signIn(page);
  await open(page, `/activity?domain=${name}`);
  await expect(heading(page, 'Activity')).toBeVisible();
  const rows = page.getByRole('table', { name: 'Activity' }).locator('tbody').getByRole('row');
  const beginning = rows.filter({ hasText: `Web domain ${name} added` });
  await expect(rows).toHaveCount(50);
  await expect(beginning).toHaveCount(0);

  await page.getByRole('link', { name: 'Older', exact: true }).click();
  await expect(page).toHaveURL(/[?&]cursor=/);
  await expect(beginning).toHaveCount(1);
  await expect(page).toHaveURL(new RegExp(`domain=${name}`));
  await awake(page);
  await page.getByRole('link', { name: 'Newest', exact: true }).click();
  await expect(rows).toHaveCount(50);
  await expect(beginning).toHaveCount(0);
});
