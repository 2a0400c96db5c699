// The catalog as somebody browses it: with script, without script, and by keyboard.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { beyondRefusals, go, launch, visitor } from './site.js';

let browser;
before(async () => (browser = await launch()));
after(() => browser?.close());

const rows = (page) => page.locator('.model-list .model-row');
const total = async (page) => Number((await page.locator('.results output').innerText()).replace(/\D/g, ''));

test('a filter changes the list and the address, and the way back undoes it', async () => {
  const page = await visitor(browser);
  await go(page, '/models');
  const all = await total(page);
  assert.ok(all > 300);
  await page.locator('.filters').getByLabel('Image', { exact: false }).first().check();
  await page.waitForURL(/input=image/);
  await page.waitForFunction((all) => Number(document.querySelector('.results output').textContent.replace(/\D/g, '')) < all, all);
  const some = await total(page);
  assert.ok(some > 0 && some < all);

  await page.getByLabel('Search models').fill('simulator');
  await page.waitForURL(/q=simulator/);
  await rows(page).filter({ hasText: 'Simulator Echo' }).waitFor();
  await page.waitForFunction(() => Number(document.querySelector('.results output').textContent.replace(/\D/g, '')) < 10);
  assert.equal(await page.evaluate(() => performance.getEntriesByType('navigation').length), 1, 'without loading a page');
  assert.deepEqual(page.complaints, []);
  await page.context().close();
});

test('the same address shows the same list to whoever opens it', async () => {
  const page = await visitor(browser);
  await go(page, '/models?author=simulator&sort=name');
  const names = await rows(page).locator('h2 a').allInnerTexts();
  assert.ok(names.includes('Simulator Echo'));
  assert.deepEqual(names, [...names].sort());
  assert.equal(await page.locator('select[name=sort]').inputValue(), 'name');
  assert.equal(await page.locator('select[name=author]').inputValue(), 'simulator');
  assert.deepEqual(page.complaints, []);
  await page.context().close();
});

test('without script the catalog is filtered by sending the form', async () => {
  const page = await visitor(browser, { javaScriptEnabled: false });
  await page.goto('/models');
  const all = await total(page);
  await page.getByLabel('Search models').fill('simulator');
  await page.locator('select[name=sort]').selectOption('name');
  await page.getByRole('button', { name: 'Apply' }).click();
  await page.waitForURL(/q=simulator/);
  assert.match(page.url(), /sort=name/);
  const some = await total(page);
  assert.ok(some > 0 && some < all);
  await rows(page).locator('h2 a', { hasText: 'Simulator Echo' }).click();
  await page.waitForURL('**/simulator/echo');
  assert.equal(await page.locator('h1').innerText(), 'Simulator Echo');
  await page.context().close();
});

test('a model page names its providers with prices and policy, and says that it is simulated', async () => {
  const page = await visitor(browser);
  await go(page, '/simulator/echo');
  assert.equal(await page.title(), 'Simulator Echo · Souk');
  const text = await page.locator('main').innerText();
  for (const wanted of ['Simulated', 'Simulator (Anthropic)', '$0.15', '$0.60', 'No training, keeps nothing']) {
    assert.ok(text.includes(wanted), wanted);
  }
  const code = await page.locator('.code-block pre').first().innerText();
  assert.ok(code.includes(`${process.env.SOUK_URL}/api/v1`), 'the example names this server');
  assert.deepEqual(page.complaints, []);
  await page.context().close();
});

test('a page that is not there answers 404 and leads back', async () => {
  const page = await visitor(browser);
  const response = await go(page, '/nobody/made-this');
  assert.equal(response.status(), 404);
  await page.getByRole('link', { name: 'Browse models' }).click();
  await page.waitForURL('**/models');
  await page.context().close();
});

test('links lead from page to page without loading anew', async () => {
  const page = await visitor(browser);
  await go(page, '/');
  await page.evaluate(() => (window.sameDocument = true));
  for (const name of ['Models', 'Chat', 'Keys', 'Activity']) {
    await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name }).click();
    await page.waitForURL(`**/${name.toLowerCase()}`);
    await page.locator(`[data-page=${name.toLowerCase()}]`).waitFor();
  }
  assert.equal(await page.evaluate(() => window.sameDocument), true);
  assert.deepEqual(beyondRefusals(page.complaints), []);
  await page.context().close();
});

test('the first key reaches a link that skips to the content', async () => {
  const page = await visitor(browser);
  await go(page, '/models');
  await page.keyboard.press('Tab');
  const skip = page.getByRole('link', { name: 'Skip to content' });
  assert.ok(await skip.evaluate((element) => element === document.activeElement));
  assert.ok(await skip.isVisible());
  await page.keyboard.press('Enter');
  assert.equal(await page.evaluate(() => document.activeElement.id), 'content');
  await page.context().close();
});

test('the theme is chosen in a menu, kept, and painted by the server', async () => {
  const page = await visitor(browser, { colorScheme: 'light' });
  await go(page, '/');
  const background = () => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
  const light = await background();
  await page.getByRole('button', { name: 'Theme' }).click();
  const kept = page.waitForResponse((response) => response.request().method() === 'POST' && response.url().includes('set_theme'));
  await page.getByRole('button', { name: 'Dark' }).click();
  await page.waitForFunction(() => document.documentElement.dataset.theme === 'dark');
  await kept;
  const dark = await background();
  assert.notEqual(dark, light);
  const html = await (await page.context().request.get('/')).text();
  assert.match(html, /<html[^>]*data-theme="dark"/);
  await go(page, '/models');
  assert.equal(await background(), dark);
  assert.deepEqual(page.complaints, []);
  await page.context().close();
});

test('without a choice the system decides', async () => {
  const colours = await Promise.all(
    ['light', 'dark'].map(async (colorScheme) => {
      const page = await visitor(browser, { colorScheme });
      await page.goto('/');
      const colour = await page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
      await page.context().close();
      return colour;
    }),
  );
  assert.notEqual(colours[0], colours[1]);
});
