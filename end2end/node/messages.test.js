// Anthropic's npm client against the running server: only base URL and key are ours.

import assert from 'node:assert/strict';
import { before, test } from 'node:test';

import Anthropic, { APIError, AuthenticationError, BadRequestError, NotFoundError } from '@anthropic-ai/sdk';

import { newKey } from './souk.js';

const baseURL = `${process.env.SOUK_URL}/api`;
const model = 'simulator/echo';
const hello = [{ role: 'user', content: 'Hello there' }];
const both = [{ role: 'user', content: 'Use get_weather and get_time.' }];
const schema = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] };
const tools = ['get_weather', 'get_time'].map((name) => ({ name, input_schema: schema }));

let client;
before(() => {
  client = new Anthropic({ baseURL, apiKey: newKey('5'), maxRetries: 0 });
});

test('a message is answered', async () => {
  const message = await client.messages.create({ model, max_tokens: 64, messages: hello });
  assert.deepEqual(message.content.map((block) => [block.type, block.text]), [['text', 'You said: Hello there']]);
  assert.equal(message.stop_reason, 'end_turn');
  assert.ok(message.usage.input_tokens > 0 && message.usage.cost > 0);
  assert.equal(message._request_id, message.id);
});

test('the stream helper tells text while it comes, and adds it up', async () => {
  const stream = client.messages.stream({ model: 'test/paced', max_tokens: 64, messages: hello });
  const pieces = [];
  stream.on('text', (text) => pieces.push(text));
  const message = await stream.finalMessage();
  assert.equal(pieces.length, 12);
  assert.equal(message.content[0].text, pieces.join(''));
  assert.equal(message.usage.output_tokens, 12);
});

test('an aborted stream ends at once', async () => {
  const stream = client.messages.stream({ model: 'test/endless', max_tokens: 4096, messages: hello });
  let pieces = 0;
  stream.on('text', () => {
    if (++pieces === 3) stream.abort();
  });
  await assert.rejects(stream.done());
  assert.ok(pieces < 20);
});

for (const only of [['simulator'], ['simulator-anthropic']]) {
  test(`tools are called with thoughts, and all goes back: ${only}`, async () => {
    const wanted = { model: 'simulator/reasoner', max_tokens: 4096, tools, thinking: { type: 'enabled', budget_tokens: 2048 }, provider: { only } };
    const first = await client.messages.stream({ ...wanted, messages: both }).finalMessage();
    assert.deepEqual(first.content.map((block) => block.type), ['thinking', 'tool_use', 'tool_use']);
    assert.equal(typeof first.content[1].input.city, 'string');
    const results = first.content.slice(1).map((call) => ({ type: 'tool_result', tool_use_id: call.id, content: 'sunny' }));
    const messages = [...both, { role: 'assistant', content: first.content }, { role: 'user', content: results }];
    const second = await client.messages.stream({ ...wanted, messages }).finalMessage();
    assert.match(second.content.at(-1).text, /get_weather returned: sunny/);
  });
}

test('the tool runner runs a loop to its end', async () => {
  const asked = [];
  const runnable = tools.map((tool) => ({
    ...tool,
    type: 'custom',
    parse: (input) => input,
    run: (input) => {
      asked.push([tool.name, typeof input.city]);
      return 'sunny';
    },
  }));
  const final = await client.beta.messages.toolRunner({ model, max_tokens: 1024, messages: both, tools: runnable });
  assert.deepEqual(asked.sort(), [['get_time', 'string'], ['get_weather', 'string']]);
  assert.match(final.content[0].text, /get_time returned: sunny/);
});

const rejected = (error) => (promise, check) =>
  assert.rejects(promise, (thrown) => {
    assert.ok(thrown instanceof error, `${thrown.constructor.name}: ${thrown.message}`);
    check?.(thrown);
    return true;
  });

test('errors are the classes of the client', async () => {
  const create = (body, by = client) => by.messages.create({ model, max_tokens: 64, messages: hello, ...body });
  await rejected(BadRequestError)(create({ max_tokens: -1 }), (e) => assert.equal(e.error.error.type, 'invalid_request_error'));
  await rejected(NotFoundError)(create({ model: 'no/such' }), (e) => assert.equal(e.requestID, e.error.request_id));
  const stranger = new Anthropic({ baseURL, apiKey: `sk-souk-v1-${'0'.repeat(64)}`, maxRetries: 0 });
  await rejected(AuthenticationError)(create({}, stranger));
  const pauper = new Anthropic({ baseURL, authToken: newKey('0'), apiKey: null, maxRetries: 0 });
  await rejected(APIError)(create({}, pauper), (e) => assert.equal(e.status, 402));
});

test('an error in mid-stream is thrown after what was delivered', async () => {
  const stream = client.messages.stream({ model: 'test/breaks', max_tokens: 64, messages: hello });
  let text = '';
  stream.on('text', (piece) => (text += piece));
  await rejected(APIError)(stream.finalMessage());
  assert.equal(text, 'You said:');
});

test('tokens are counted, models listed', async () => {
  const count = await client.messages.countTokens({ model, messages: hello });
  assert.ok(count.input_tokens > 0);
  const ids = new Set();
  for await (const { id } of client.models.list({ limit: 200 })) ids.add(id);
  assert.ok(ids.has(model));
  assert.ok(ids.size > 300);
  assert.equal((await client.models.retrieve(model)).display_name, 'Simulator Echo');
});
