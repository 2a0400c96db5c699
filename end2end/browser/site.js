// Opens the site in Chromium as a visitor does, and notes whatever the page complains about.

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

import { chromium } from 'playwright-core';

import { newEmail, password } from '../node/souk.js';

export { newEmail, password };

export const url = process.env.SOUK_URL;

const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** The first load in a debug build, with another suite on the same two cores. */
const patience = 20_000;

export const launch = () => chromium.launch({ executablePath: process.env.SOUK_CHROMIUM, args: flags });

/**
 * A visitor with cookies of their own. `page.complaints` are the console's errors and warnings, failed requests and thrown
 * errors; `context.close()` ends the visit.
 */
export async function visitor(browser, options = {}) {
  const context = await browser.newContext({ baseURL: url, reducedMotion: 'reduce', ...options });
  await context.grantPermissions(['clipboard-read', 'clipboard-write']).catch(() => {});
  context.setDefaultTimeout(patience);
  const page = await context.newPage();
  page.complaints = [];
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) page.complaints.push(`${message.type()}: ${message.text()}`);
  });
  page.on('pageerror', (error) => page.complaints.push(`thrown: ${error.message}`));
  page.on('requestfailed', (request) => {
    // A page that is left drops what it was still asking for.
    if (request.failure()?.errorText !== 'net::ERR_ABORTED') page.complaints.push(`failed: ${request.url()}`);
  });
  page.on('response', (response) => {
    if (response.status() >= 500) page.complaints.push(`${response.status()}: ${response.url()}`);
  });
  return page;
}

/** Goes to a page and waits until it is alive: until wasm has taken the server's HTML over. */
export async function go(page, path) {
  const response = await page.goto(path);
  await alive(page);
  return response;
}

/** The wasm has come, and the page has nothing more to load. */
export async function alive(page) {
  await page.waitForFunction(() => performance.getEntriesByType('resource').some((entry) => entry.name.includes('.wasm')));
  await page.waitForLoadState('networkidle');
}

/** Makes an account on the site, which signs it in. */
export async function signUp(page, email = newEmail(), next = '/keys') {
  await go(page, `/sign-in?mode=sign-up&next=${encodeURIComponent(next)}`);
  const form = page.locator('form').filter({ has: page.locator('#new-email') });
  await form.getByLabel('E-mail').fill(email);
  await form.getByLabel('Password').fill(password);
  await form.getByRole('button', { name: 'Create account' }).click();
  await page.waitForURL((at) => at.pathname + at.search === next);
  await page.locator('[data-page]:not([data-page=sign-in])').waitFor(); // its part of the script has come
  return email;
}

export async function signIn(page, email, secret = password, next = '/keys') {
  await go(page, `/sign-in?next=${encodeURIComponent(next)}`);
  const form = page.locator('form').filter({ has: page.locator('#known-email') });
  await form.getByLabel('E-mail').fill(email);
  await form.getByLabel('Password').fill(secret);
  await form.getByRole('button', { name: 'Sign in' }).click();
}

/** Without what the browser itself says about answers that refuse, where a test makes the server refuse. */
export const beyondRefusals = (complaints) => complaints.filter((said) => !/the server responded with a status of 4\d\d/.test(said));

/** As much of a long page as a person would look at: a list of a thousand models is 100,000 pixels high on a phone. */
const TALLEST = 6000;

/** Keeps a picture of the page. */
export async function picture(page, name) {
  const folder = join(process.env.SOUK_END2END_DIR, 'screenshots');
  mkdirSync(folder, { recursive: true });
  const { width, height } = await page.evaluate(() => ({ width: innerWidth, height: document.documentElement.scrollHeight }));
  const clip = { x: 0, y: 0, width, height: Math.min(height, TALLEST) };
  await page.screenshot({ path: join(folder, `${name}.png`), fullPage: true, clip, animations: 'disabled' });
}
