// Every page, on a phone and on a desk, light and dark: alive, quiet, nothing cut off at the side. A picture of each is kept.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { beyondRefusals, go, launch, picture, signUp, visitor } from './site.js';

const PUBLIC = {
  home: '/',
  models: '/models',
  'models-filtered': '/models?q=claude&supports=tools',
  'models-none': '/models?q=there-is-no-such-model',
  model: '/simulator/echo',
  'model-real': '/anthropic/claude-sonnet-4.5',
  'sign-in': '/sign-in',
  'sign-up': '/sign-in?mode=sign-up',
  'docs-billing': '/docs/billing',
  'not-found': '/nobody/made-this',
  'keys-signed-out': '/keys',
  'chat-signed-out': '/chat',
};
const SIGNED_IN = {
  keys: '/keys',
  'keys-new': '/keys?new=1',
  activity: '/activity',
  chat: '/chat?model=simulator/echo&model=simulator/reasoner',
  account: '/account',
};
const PHONE = { width: 390, height: 844 };
const DESK = { width: 1440, height: 900 };

let browser;
let state;
before(async () => {
  browser = await launch();
  const page = await visitor(browser);
  await signUp(page, undefined, '/chat?model=test/unavailable');
  // Something to show.
  await page.getByLabel('Message', { exact: true }).fill('Hello');
  await page.keyboard.press('Enter');
  await page.locator('article.answer summary strong').waitFor();
  state = await page.context().storageState();
  await page.context().close();
});
after(() => browser?.close());

/** What sticks out at the side, if anything. */
const overflow = () => {
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= width) return null;
  const outside = [...document.querySelectorAll('body *')].filter((e) => e.getBoundingClientRect().right > width + 1);
  return outside.slice(0, 3).map((e) => e.outerHTML.slice(0, 120));
};

for (const [name, path] of [...Object.entries(PUBLIC), ...Object.entries(SIGNED_IN)]) {
  test(`${name} is whole and quiet, on a phone and on a desk, light and dark`, async () => {
    const page = await visitor(browser, { viewport: PHONE, storageState: name in SIGNED_IN ? state : undefined });
    await go(page, path);
    await page.locator('h1').first().waitFor({ state: 'attached' });
    assert.equal(await page.locator('h1').count(), 1, 'one heading names the page');
    for (const viewport of [PHONE, DESK]) {
      await page.setViewportSize(viewport);
      for (const colorScheme of ['light', 'dark']) {
        await page.emulateMedia({ colorScheme });
        await picture(page, `${name}-${viewport.width}-${colorScheme}`);
      }
      assert.equal(await page.evaluate(overflow), null, `nothing sticks out at the side at ${viewport.width} pixels`);
    }
    assert.deepEqual(name === 'not-found' ? beyondRefusals(page.complaints) : page.complaints, []);
    await page.context().close();
  });
}

test('every control has a name, and every picture says what it shows or that it shows nothing', async () => {
  const nameless = () =>
    [...document.querySelectorAll('button, a[href], input:not([type=hidden]), select, textarea, img, svg:not([aria-hidden])')]
      .filter((e) => e.checkVisibility() && !e.closest('[aria-hidden=true]'))
      .filter((e) => {
        const label = e.labels?.length || e.getAttribute('aria-label') || e.getAttribute('aria-labelledby') || e.title;
        return !(label || e.alt !== undefined || e.textContent.trim() || e.getAttribute('role') === 'presentation');
      })
      .map((e) => e.outerHTML.slice(0, 160));
  for (const path of ['/', '/models', '/simulator/echo', '/sign-in', '/docs/billing', '/keys', '/activity', '/chat', '/account']) {
    const page = await visitor(browser, { storageState: state });
    await go(page, path);
    assert.deepEqual(await page.evaluate(nameless), [], path);
    await page.context().close();
  }
});

// The budget is 300 kB; this keeps what there is from growing unseen.
test('the first load is at most 400 kB over the wire', async () => {
  const page = await visitor(browser);
  const finished = [];
  page.on('requestfinished', (request) => finished.push(request));
  await go(page, '/');
  const sizes = await Promise.all(finished.map((request) => request.sizes()));
  const bytes = sizes.reduce((sum, size) => sum + size.responseBodySize + size.responseHeadersSize, 0);
  assert.ok(bytes > 10_000 && bytes <= 400_000, `${bytes} bytes`);
  await page.context().close();
});
