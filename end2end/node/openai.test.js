// The stock npm client against the running server: only base URL and key are ours.

import assert from 'node:assert/strict';
import { before, test } from 'node:test';

import OpenAI, { APIError, AuthenticationError, BadRequestError, InternalServerError } from 'openai';

import { newKey } from './souk.js';

const baseURL = `${process.env.SOUK_URL}/api/v1`;
const hello = [{ role: 'user', content: 'Hello there' }];

let client;
before(() => {
  client = new OpenAI({ baseURL, apiKey: newKey('5'), maxRetries: 0 });
});

test('a chat is answered with its usage and cost', async () => {
  const answer = await client.chat.completions.create({ model: 'simulator/echo', messages: hello });
  assert.equal(answer.choices[0].message.content, 'You said: Hello there');
  assert.equal(answer.choices[0].finish_reason, 'stop');
  assert.equal(answer.usage.prompt_tokens, 6);
  assert.ok(answer.usage.cost > 0);
  assert.equal(answer.provider, 'Simulator');
});

test('a stream arrives piece by piece and ends with its usage', async () => {
  const stream = await client.chat.completions.create({ model: 'test/paced', messages: hello, stream: true });
  const times = [];
  const usages = [];
  let text = '';
  for await (const chunk of stream) {
    if (chunk.usage) usages.push(chunk.usage);
    if (!chunk.choices[0]?.delta.content) continue;
    text += chunk.choices[0].delta.content;
    times.push(performance.now());
  }
  assert.ok(text.startsWith('You said: Hello there'));
  assert.equal(times.length, 12);
  assert.ok(times.at(-1) - times[0] > 400, '12 tokens, one each 50 ms');
  assert.equal(usages.length, 1);
});

test('the stream helper adds a stream up to a completion', async () => {
  const completion = await client.chat.completions.stream({ model: 'simulator/echo', messages: hello }).finalChatCompletion();
  assert.equal(completion.choices[0].message.content, 'You said: Hello there');
});

test('an aborted stream ends at once', async () => {
  const stream = await client.chat.completions.create({ model: 'test/endless', messages: hello, stream: true });
  let pieces = 0;
  for await (const _ of stream) {
    if (++pieces === 3) stream.controller.abort();
  }
  assert.ok(pieces < 20);
});

const tools = ['get_weather', 'get_time'].map((name) => ({
  type: 'function',
  function: { name, parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] } },
}));

test('tools are called, and their results go back', async () => {
  const messages = [{ role: 'user', content: 'Use get_weather and get_time.' }];
  const first = await client.chat.completions.create({ model: 'simulator/tools', messages, tools });
  const calls = first.choices[0].message.tool_calls;
  assert.deepEqual(calls.map((call) => call.function.name), ['get_weather', 'get_time']);
  assert.equal(typeof JSON.parse(calls[0].function.arguments).city, 'string');
  const results = calls.map((call) => ({ role: 'tool', tool_call_id: call.id, content: 'sunny' }));
  const second = await client.chat.completions.create({
    model: 'simulator/tools',
    messages: [...messages, first.choices[0].message, ...results],
    tools,
  });
  assert.match(second.choices[0].message.content, /get_weather returned: sunny/);
});

test('streamed tool calls add up', async () => {
  const stream = client.chat.completions.stream({
    model: 'simulator/tools',
    messages: [{ role: 'user', content: 'Use get_weather and get_time.' }],
    tools,
  });
  const message = await stream.finalMessage();
  assert.deepEqual(message.tool_calls.map((call) => call.function.name), ['get_weather', 'get_time']);
});

test('structured output is JSON of the schema', async () => {
  const answer = await client.chat.completions.create({
    model: 'simulator/echo',
    messages: hello,
    response_format: {
      type: 'json_schema',
      json_schema: {
        name: 'greeting',
        strict: true,
        schema: { type: 'object', properties: { n: { type: 'integer' } }, required: ['n'], additionalProperties: false },
      },
    },
  });
  assert.ok(Number.isInteger(JSON.parse(answer.choices[0].message.content).n));
});

const rejected = (error) => (promise, check) =>
  assert.rejects(promise, (thrown) => {
    assert.ok(thrown instanceof error, `${thrown.constructor.name}: ${thrown.message}`);
    check?.(thrown);
    return true;
  });

test('errors are the classes of the client', async () => {
  const create = (body, by = client) => by.chat.completions.create({ model: 'simulator/echo', messages: hello, ...body });
  await rejected(BadRequestError)(create({ max_tokens: -1 }), (e) => assert.equal(e.error.metadata.field, 'max_tokens'));
  await rejected(BadRequestError)(create({ model: 'no/such' }));
  await rejected(InternalServerError)(create({ model: 'test/dead' }));
  const stranger = new OpenAI({ baseURL, apiKey: `sk-souk-v1-${'0'.repeat(64)}`, maxRetries: 0 });
  await rejected(AuthenticationError)(create({}, stranger));
  const pauper = new OpenAI({ baseURL, apiKey: newKey('0'), maxRetries: 0 });
  await rejected(APIError)(create({}, pauper), (e) => assert.equal(e.status, 402));
});

test('an error in mid-stream is thrown after what was delivered', async () => {
  const stream = await client.chat.completions.create({ model: 'test/breaks', messages: hello, stream: true });
  let text = '';
  await rejected(APIError)(
    (async () => {
      for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? '';
    })(),
  );
  assert.equal(text, 'You said:');
});

test('models are listed', async () => {
  const ids = new Set();
  for await (const model of client.models.list()) ids.add(model.id);
  assert.ok(ids.has('simulator/echo'));
  assert.ok(ids.size > 300);
});
