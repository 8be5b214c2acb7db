// What the browser tests share: where the sandbox is, signing in, the REST API, the customers' DNS, the edge, the mailbox, and the accessibility check.
import AxeBuilder from '@axe-core/playwright';
import { expect, test as base, type ConsoleMessage, type Locator, type Page } from '@playwright/test';
import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdirSync, readFileSync } from 'node:fs';
import https from 'node:https';
import path from 'node:path';
import type { PeerCertificate, TLSSocket } from 'node:tls';

export const checkout = path.resolve(__dirname, '../..');
export const tokenFile = path.join(checkout, 'target/test/browser-server/token');
/** Where each page that axe looked at is noted: `server.ts` asks after the walks whether every page was among them. */
export const judgedFile = path.join(checkout, 'target/test/browser-server/judged');
/** Where its picture goes, at each width, when people want to look at all of them. */
const pictures = process.env.PADLOCK_TEST_PICTURES;

export const password = 'correct horse battery staple';
/** The court works; the registry has more domains than fit on a page; the town has none. */
export const customers = { court: 'Summit County Courts', registry: 'Lake County Registry', town: 'Prairie Town Clerk' };
export const people: Record<'operator' | 'clerk' | 'viewer' | 'registrar' | 'newcomer' | 'floater' | 'leaver', Person> = {
  operator: { email: 'operator@padlock.test', role: 'operator' },
  clerk: { email: 'clerk@court.test', role: 'manager', customer: customers.court },
  viewer: { email: 'viewer@court.test', role: 'viewer', customer: customers.court },
  registrar: { email: 'registrar@registry.test', role: 'manager', customer: customers.registry },
  /** Is a viewer of the registry besides: see `server.ts`. */
  floater: { email: 'floater@padlock.test', role: 'manager', customer: customers.court },
  /** Is disabled: see `server.ts`. */
  leaver: { email: 'leaver@court.test', role: 'viewer', customer: customers.court },
  newcomer: { email: 'newcomer@town.test', role: 'manager', customer: customers.town },
};

interface Person {
  email: string;
  role: 'operator' | 'manager' | 'viewer';
  customer?: string;
}

/** Every walk also fails when the browser complains: script errors, refused content, missing files. */
export const test = base.extend<{ quiet: void }>({
  quiet: [
    async ({ page }, use) => {
      const complaints: string[] = [];
      page.on('console', (message) => {
        if (['error', 'warning'].includes(message.type()) && !isExpected(message)) complaints.push(`${message.text()} (${message.location().url})`);
      });
      page.on('pageerror', (error) => complaints.push(String(error)));
      await use();
      expect(complaints, 'what the browser complained about').toEqual([]);
    },
    { auto: true },
  ],
});

/** Chromium also reports each page or call that was rightly refused or asked in vain, and that a client was loaded which must not run. */
function isExpected(message: ConsoleMessage): boolean {
  const [text, { url }] = [message.text(), message.location()];
  const refused = /^Failed to load resource: the server responded with a status of 4\d\d/.test(text) && !url.includes('/pkg/');
  // A report asks the domain's own site, which this browser's DNS may not know.
  const asked = `${url} ${text}`.includes('/.well-known/padlock-reached/');
  return refused || asked || (!scripted() && text.includes('preloaded'));
}

/** The sandbox's lines: those of `end2end/lab env` and its own `LAB_…`. */
export function labLines(): [string, string][] {
  const file = process.env.PADLOCK_TEST_LAB ?? path.join(checkout, 'target/lab/env');
  let text;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    throw new Error(`no sandbox: ${file} is missing (make lab)`);
  }
  return text.split('\n').filter(Boolean).map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]);
}

export function lab(name: string): string {
  const line = labLines().find(([key]) => key === name);
  if (!line) throw new Error(`the sandbox has no ${name}`);
  return line[1];
}

/** Asks until the answer is truthy; says what it waited for when it gives up. */
export async function until<T>(what: string, ask: () => Promise<T>, limitMs = 30_000): Promise<NonNullable<T>> {
  const end = Date.now() + limitMs;
  for (;;) {
    const answer = await ask();
    if (answer) return answer;
    if (Date.now() > end) throw new Error(`not within ${limitMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

export async function signIn(page: Page, who: keyof typeof people = 'clerk') {
  await page.goto('/sign-in');
  await submitSignIn(page, people[who].email, password);
  await expect(heading(page, 'Web Domains')).toBeVisible();
  await awake(page);
}

export async function submitSignIn(page: Page, email: string, secret: string) {
  await page.getByLabel('Email').fill(email);
  await page.getByLabel('Password', { exact: true }).fill(secret);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

/** Opens an address and waits until the page is awake. */
export async function open(page: Page, at: string) {
  await page.goto(at);
  await awake(page);
}

/** Resolves once the client runs; at once where there is no JavaScript. */
export async function awake(page: Page) {
  if (scripted()) await expect(page.locator('html[data-hydrated="true"]')).toBeAttached();
}

export function scripted(): boolean {
  return test.info().project.use.javaScriptEnabled !== false;
}

export function heading(page: Page, name: string): Locator {
  return page.getByRole('heading', { level: 1, name, exact: true });
}

/** A Domain Status or SSL Status on a domain's page. */
export function status(page: Page, of: 'Domain Status' | 'SSL Status'): Locator {
  return page.locator('div', { has: page.locator(`:scope > dt`, { hasText: of }) }).locator('[data-status]');
}

export function recordRow(page: Page, purpose: DnsRecord['purpose']): Locator {
  return page.locator(`[data-record="${purpose}"]`);
}

/** The value beside a term in a list of facts. */
export function fact(within: Page | Locator, term: string): Locator {
  return within.locator('dt', { hasText: new RegExp(`^${term}$`) }).locator('xpath=following-sibling::dd');
}

export function errorSummary(page: Page): Locator {
  return page.getByRole('alert').filter({ hasText: 'There is a problem' });
}

let names = 0;

/** A name that no other walk uses. */
export function fresh(label: string, zone = 'court.test'): string {
  names += 1;
  return `${label}-${Date.now().toString(36)}${names}.${zone}`;
}

export interface DnsRecord {
  purpose: 'validation' | 'dcv' | 'routing';
  type: string;
  host: string;
  value: string;
  state: string;
  checked_at: string | null;
  found: string[];
}

/** The parts of a domain that tests read (see the OpenAPI description for all of them). */
export interface Domain {
  id: string;
  domain: string;
  domain_status: string;
  ssl_status: string;
  ready: boolean;
  status_code: string;
  next_step: string | null;
  dns_records: DnsRecord[];
  monitoring_reports: { addresses: string[]; every: string };
  certificates: { id: string; serial: string; fingerprint_sha256: string; hostname: string; issuer: string; expires_at: string }[];
}

/** A call of the REST API as an operator; fails on an error's status. */
export async function api<T>(method: string, to: string, body?: unknown): Promise<T> {
  const response = await fetch(`${lab('PADLOCK_PUBLIC_URL')}/api/v1${to}`, {
    method,
    headers: { authorization: `Bearer ${readFileSync(tokenFile, 'utf8')}`, ...(body ? { 'content-type': 'application/json' } : {}) },
    body: body ? JSON.stringify(body) : undefined,
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${to}: ${response.status} ${text}`);
  return (text ? JSON.parse(text) : undefined) as T;
}

export async function domain(name: string): Promise<Domain> {
  const { items } = await api<{ items: Domain[] }>('GET', `/domains?q=${encodeURIComponent(name)}`);
  const found = items.find((one) => one.domain === name);
  if (!found) throw new Error(`Padlock has no domain ${name}`);
  return api<Domain>('GET', `/domains/${found.id}`);
}

export function addDomain(name: string, customer = customers.court): Promise<Domain> {
  return api<Domain>('POST', '/domains', { domain: name, customer });
}

/** Has a domain's DNS looked at, as soon as that is allowed: once in five seconds. */
export async function lookNow(id: string) {
  await until('another look', () =>
    api('POST', `/domains/${id}/refresh`).then(
      () => true,
      (error: Error) => {
        if (!error.message.includes('too_soon')) throw error;
        return false;
      },
    ),
  );
}

/** A domain of the court that is Active; made once for all the walks of a worker. */
export function activeDomain(): Promise<Domain> {
  active ??= goLive(fresh('records'));
  return active;
}

let active: Promise<Domain> | undefined;

/** Adds a domain and gets it Ready. */
export async function goLive(name: string): Promise<Domain> {
  const { id } = await addDomain(name);
  await publish(name);
  await lookNow(id);
  await until(`${name} is live`, async () => (await domain(name)).ready, 60_000);
  return domain(name);
}

/** Changes the customers' DNS as its administrator would: `end2end/lab record …`. */
export function record(action: 'add' | 'set' | 'del', zone: string, name: string, type: string, value?: string) {
  execFileSync(path.join(checkout, 'end2end/lab'), ['record', action, zone, name, type, ...(value === undefined ? [] : [value])], {
    env: { ...process.env, LAB_OFFSET: lab('LAB_OFFSET') },
    encoding: 'utf8',
  });
}

/** Publishes what Padlock asks for; all records, or those of the purposes named. */
export async function publish(name: string, ...purposes: DnsRecord['purpose'][]) {
  for (const { purpose, type, host, value } of (await domain(name)).dns_records) {
    if (purposes.length === 0 || purposes.includes(purpose)) record('set', zoneOf(host), host, type, value);
  }
}

function zoneOf(host: string): string {
  const zone = lab('LAB_ZONES').split(' ').find((one) => host === one || host.endsWith(`.${one}`));
  if (!zone) throw new Error(`${host} is in none of the sandbox's zones`);
  return zone;
}

/** Visits a domain at the edge, trusting only the sandbox's CA. */
export async function visit(name: string, at = '/'): Promise<{ status: number; body: string; certificate: PeerCertificate }> {
  const [address, port] = lab('PADLOCK_EDGE_HTTPS_ADDR').split(':');
  const ca = await root();
  return new Promise((resolve, reject) => {
    const request = https.get({ host: address, port, path: at, servername: name, headers: { host: name }, ca, agent: false, timeout: 10_000 }, (response) => {
      const certificate = (response.socket as TLSSocket).getPeerCertificate();
      let body = '';
      response.setEncoding('utf8').on('data', (part) => (body += part)).on('end', () => resolve({ status: response.statusCode ?? 0, body, certificate }));
    });
    request.on('timeout', () => request.destroy(new Error('no answer within 10 s'))).on('error', reject);
  });
}

/** The root of the sandbox's CA; it is new at each of its starts. */
function root(): Promise<string> {
  const ca = readFileSync(lab('PADLOCK_ACME_ROOT'));
  return new Promise((resolve, reject) => {
    https.get(`${lab('LAB_PEBBLE_MANAGEMENT_URL')}/roots/0`, { ca, agent: false }, (response) => {
      let pem = '';
      response.setEncoding('utf8').on('data', (part) => (pem += part)).on('end', () => resolve(pem));
    }).on('error', reject);
  });
}

export interface Mail {
  to: string[];
  subject: string;
  text: string;
  html: string;
  attachments: { filename: string; contentType: string; base64: string }[];
}

/** The mails to an address, newest first. */
export async function mails(to: string): Promise<Mail[]> {
  return (await fetch(`${lab('LAB_MAILBOX_URL')}/api/mails?to=${encodeURIComponent(to)}`)).json();
}

/**
 * No violation of WCAG 2.2 A and AA that axe can see, at a desk, on a tablet, on a phone and in forced colours; nothing to scroll sideways at 320 px.
 * Without JavaScript only on a phone: the styles are the same, and the rest of the difference shows there too.
 */
export async function accessible(page: Page) {
  await (scripted() ? inEveryLook(page) : unhydrated(page, (twin) => look(twin, 'on a phone', 360)));
}

/** axe is JavaScript itself: where that is off, the same address is opened where it is on, but the client is never fetched. */
async function unhydrated(page: Page, check: (twin: Page) => Promise<void>) {
  const context = await page.context().browser()!.newContext({ javaScriptEnabled: true, storageState: await page.context().storageState() });
  try {
    await context.route(/\.(js|wasm)(\?|$)/, (route) => route.abort());
    const twin = await context.newPage();
    await twin.goto(page.url());
    await check(twin);
  } finally {
    await context.close();
  }
}

async function inEveryLook(page: Page) {
  const before = page.viewportSize()!;
  await look(page, 'at a desk', 1280);
  await look(page, 'on a tablet', 768);
  await look(page, 'on a phone', 360);
  await page.emulateMedia({ forcedColors: 'active' });
  await look(page, 'in forced colours', 1280);
  await page.emulateMedia({ forcedColors: null });
  await fits(page, 320);
  await page.setViewportSize(before);
}

async function look(page: Page, where: string, width: number) {
  await page.setViewportSize({ width, height: 900 });
  appendFileSync(judgedFile, `${new URL(page.url()).pathname}\n`);
  if (pictures && !where.startsWith('in forced')) await picture(page, pictures, where);
  const { violations } = await new AxeBuilder({ page }).withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']).analyze();
  expect(violations.map(({ id, help, nodes }) => ({ id, help, where: nodes.map((node) => node.target.join(' ')) })), where).toEqual([]);
}

/** One picture for each page and state, by the walk that was there. */
async function picture(page: Page, folder: string, where: string) {
  const { file, title } = test.info();
  const words = [path.basename(file, '.spec.ts'), title, where, String((shots += 1))].join(' ').replace(/\W+/g, '-');
  mkdirSync(folder, { recursive: true });
  await page.screenshot({ path: path.join(folder, `${words}.png`), fullPage: true });
}

let shots = 0;

/** Nothing is wider than the window (WCAG 1.4.10). */
export async function fits(page: Page, width: number) {
  await page.setViewportSize({ width, height: 800 });
  const wide = await page.evaluate(() => {
    const room = document.documentElement.clientWidth;
    const out = [...document.querySelectorAll('body *')].filter((one) => one.getBoundingClientRect().right > room + 1);
    return document.documentElement.scrollWidth > room ? out.map((one) => `${one.tagName}.${one.className}`) : [];
  });
  expect(wide, `wider than ${width} px`).toEqual([]);
}
