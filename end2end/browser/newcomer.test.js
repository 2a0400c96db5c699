// From signing up to the receipt: the first hour of a newcomer, in the browser.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import OpenAI from 'openai';

import { alive, beyondRefusals, go, launch, newEmail, password, picture, signIn, signUp, url, visitor } from './site.js';

let browser;
before(async () => (browser = await launch()));
after(() => browser?.close());

const dollars = /\$\d[\d,]*(\.\d+)?/;

test('sign up, make a key, chat, and see in the activity what the chat said it cost', async () => {
  const page = await visitor(browser);
  const email = await signUp(page);
  await page.getByText('No keys yet').waitFor();

  // A key: its secret is shown once.
  await page.getByRole('link', { name: 'Create your first key' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Name').fill('My laptop');
  await dialog.getByLabel('Limit').fill('2.50');
  await dialog.getByRole('button', { name: 'Create key' }).click();
  const secret = await dialog.locator('[data-part=secret]').innerText();
  assert.match(secret, /^sk-souk-v1-[0-9a-f]{64}$/);
  await dialog.getByRole('link', { name: 'I have saved it' }).click();
  await page.getByRole('row', { name: /My laptop/ }).waitFor();
  await alive(page);
  assert.ok(!(await page.content()).includes(secret), 'the secret is not shown again');
  await go(page, '/keys');
  assert.ok(!(await page.content()).includes(secret), 'not after a reload either');

  // It opens the API.
  const client = new OpenAI({ baseURL: `${url}/api/v1`, apiKey: secret, maxRetries: 0 });
  const answer = await client.chat.completions.create({ model: 'test/odd', messages: [{ role: 'user', content: 'From outside' }] });
  const apiCost = exactDollars(answer.usage.cost);

  // The chat: the answer streams in.
  await go(page, '/chat?model=test/paced');
  await page.getByLabel('Message', { exact: true }).fill('Tell me slowly');
  await page.keyboard.press('Enter');
  const reply = page.locator('article.answer').first();
  const text = reply.locator('.answer-text');
  const partial = await text.evaluate(
    (element) =>
      new Promise((resolve) => {
        const look = () => (element.textContent ? resolve(element.textContent) : requestAnimationFrame(look));
        look();
      }),
  );
  await reply.locator('details.message-line').waitFor();
  const whole = await text.innerText();
  assert.ok(whole.startsWith('You said: Tell me slowly'), whole);
  assert.ok(partial.length < whole.length, `it streams: ${JSON.stringify(partial)} came first`);
  const chatCost = (await reply.locator('summary strong').innerText()).trim();
  assert.match(chatCost, dollars);

  // Its receipt adds up to the same.
  await reply.locator('summary').click();
  const receipt = reply.locator('.receipt');
  await receipt.waitFor();
  assert.equal((await receipt.locator('footer dd').innerText()).trim(), chatCost);

  // The activity shows both, to the nano-dollar.
  await go(page, '/activity');
  const chatRow = page.getByRole('row', { name: /test\/paced/ });
  const apiRow = page.getByRole('row', { name: /test\/odd/ });
  assert.equal(await cost(chatRow), chatCost);
  assert.equal(await cost(apiRow), apiCost);
  assert.match(await apiRow.innerText(), /My laptop/);

  // And the drawer of a row its receipt.
  await apiRow.getByRole('link').first().click();
  const drawer = page.locator('dialog.drawer');
  await drawer.locator('.receipt').waitFor();
  assert.equal((await drawer.locator('.receipt footer dd').innerText()).trim(), apiCost);
  await picture(page, 'activity-drawer-1280-light');
  await page.keyboard.press('Escape');
  await drawer.waitFor({ state: 'detached' });
  assert.equal(new URL(page.url()).search, '', 'the address follows');

  assert.deepEqual(page.complaints, []);
  assert.ok(email);
  await page.context().close();
});

/** As the site writes money: every digit, none too many. */
const exactDollars = (number) => `$${number.toFixed(9).replace(/\.?0+$/, '')}`;

const cost = async (row) => (await row.locator('td').filter({ hasText: '$' }).first().innerText()).match(dollars)[0];

test('two models answer side by side', async () => {
  const page = await visitor(browser);
  await signUp(page);
  await go(page, '/chat?model=simulator/echo&model=simulator/reasoner');
  await page.getByLabel('Message', { exact: true }).fill('Both of you');
  await page.getByRole('button', { name: 'Send' }).click();
  const replies = page.locator('article.answer');
  await replies.nth(1).locator('summary strong').waitFor();
  await replies.nth(0).locator('summary strong').waitFor();
  for (const at of [0, 1]) assert.match(await replies.nth(at).locator('.answer-text').innerText(), /You said: Both of you/);
  assert.deepEqual(page.complaints, []);
  await page.context().close();
});

test('Esc stops an answer, and what arrived stays', async () => {
  const page = await visitor(browser);
  await signUp(page);
  await go(page, '/chat?model=test/endless');
  await page.getByLabel('Message', { exact: true }).fill('Never stop');
  await page.keyboard.press('Enter');
  const reply = page.locator('article.answer').first();
  await reply.getByText('You said: Never stop').waitFor();
  await page.keyboard.press('Escape');
  await reply.getByText('Stopped').waitFor();
  assert.match(await reply.locator('.answer-text').innerText(), /You said: Never stop/);
  assert.deepEqual(page.complaints, []);
  await page.context().close();
});

test('an answer that breaks off says so, and keeps what arrived', async () => {
  const page = await visitor(browser);
  await signUp(page);
  await go(page, '/chat?model=test/breaks');
  await page.getByLabel('Message', { exact: true }).fill('Break');
  await page.keyboard.press('Enter');
  const reply = page.locator('article.answer').first();
  await reply.locator('.notice[data-tone=bad]').waitFor();
  assert.match(await reply.locator('.answer-text').innerText(), /^You said:/);
  assert.deepEqual(page.complaints, []);
  await page.context().close();
});

test('a wrong password is told at the form, without saying which of the two is wrong', async () => {
  const page = await visitor(browser);
  await signIn(page, newEmail(), 'not the password at all');
  await page.getByText('This address and password do not belong together.').waitFor();
  assert.equal(new URL(page.url()).pathname, '/sign-in');
  assert.deepEqual(beyondRefusals(page.complaints), []);
  await page.context().close();
});

test('a changed password ends the other sessions, and the old one opens nothing', async () => {
  const page = await visitor(browser);
  const email = await signUp(page);
  const elsewhere = await visitor(browser);
  await signIn(elsewhere, email);
  await elsewhere.waitForURL('**/keys');

  await go(page, '/account');
  await page.getByLabel('Current password').fill(password);
  await page.getByLabel('New password').fill('another long password');
  await page.getByRole('button', { name: 'Change password' }).click();
  await page.getByText('Your password is changed.').waitFor();

  await go(elsewhere, '/keys');
  await elsewhere.getByRole('link', { name: 'Sign in' }).first().waitFor();
  assert.equal(await elsewhere.getByRole('link', { name: 'Create your first key' }).count(), 0);
  await signIn(elsewhere, email);
  await elsewhere.getByText('This address and password do not belong together.').waitFor();
  await signIn(elsewhere, email, 'another long password');
  await elsewhere.waitForURL('**/keys');
  await elsewhere.context().close();
  await page.context().close();
});

test('signing out closes what needs an account', async () => {
  const page = await visitor(browser);
  const email = await signUp(page);
  await page.getByRole('button', { name: `Account: ${email}` }).click();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.locator('header.top-bar').getByRole('link', { name: 'Sign in' }).waitFor();
  await go(page, '/keys');
  assert.equal(await page.getByText('No keys yet').count(), 0);
  for (const path of ['/keys', '/activity', '/account', '/chat']) {
    await go(page, path);
    await page.locator('main').getByRole('link', { name: 'Sign in' }).waitFor();
  }
  await page.context().close();
});

test('a key can be limited, disabled and deleted', async () => {
  const page = await visitor(browser);
  await signUp(page);
  await page.getByRole('link', { name: 'Create key' }).first().click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Name').fill('Robot');
  await dialog.getByRole('button', { name: 'Create key' }).click();
  const secret = await dialog.locator('[data-part=secret]').innerText();
  await dialog.getByRole('link', { name: 'I have saved it' }).click();
  await alive(page);
  const row = page.getByRole('row', { name: /Robot/ });
  const ask = () =>
    fetch(`${url}/api/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'test/exact', max_tokens: 100, messages: [{ role: 'user', content: 'Hi' }] }),
    }).then((response) => response.status);
  const answers = async (status) => {
    for (const deadline = Date.now() + 3000; Date.now() < deadline; ) if ((await ask()) === status) return;
    assert.fail(`the API never answered ${status}`);
  };
  await answers(200);

  const manage = async () => {
    await row.getByRole('link').first().click();
    await dialog.getByRole('button', { name: 'Save limit' }).waitFor();
  };
  await manage();
  await dialog.getByLabel('Limit').fill('0.00015');
  await dialog.getByRole('button', { name: 'Save limit' }).click();
  await answers(402);
  await go(page, '/keys');
  await manage();
  await dialog.getByRole('button', { name: 'Disable' }).click();
  await answers(401);
  await go(page, '/keys');
  await manage();
  await dialog.getByText('Delete …').click();
  await dialog.getByRole('button', { name: 'Delete for good' }).click();
  await row.waitFor({ state: 'detached' });
  assert.equal(await ask(), 401);
  assert.deepEqual(page.complaints, []);
  await page.context().close();
});
