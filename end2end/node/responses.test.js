// The Responses API by the stock npm client.

import assert from 'node:assert/strict';
import { before, test } from 'node:test';

import OpenAI, { AuthenticationError, BadRequestError, InternalServerError } from 'openai';

import { newKey } from './souk.js';

const baseURL = `${process.env.SOUK_URL}/api/v1`;

let client;
before(() => {
  client = new OpenAI({ baseURL, apiKey: newKey('5'), maxRetries: 0 });
});

test('a text is answered with its usage and cost', async () => {
  const answer = await client.responses.create({ model: 'simulator/echo', input: 'Hello there' });
  assert.equal(answer.output_text, 'You said: Hello there');
  assert.equal(answer.status, 'completed');
  assert.equal(answer.usage.output_tokens, 5);
  assert.ok(answer.usage.cost > 0);
});

test('a stream has its events numbered, and ends with the response', async () => {
  const stream = await client.responses.create({ model: 'simulator/echo', input: 'Hello there', stream: true });
  const events = [];
  for await (const event of stream) events.push(event);
  assert.deepEqual(events.map((event) => event.sequence_number), events.map((_, index) => index));
  assert.equal(events.at(-1).type, 'response.completed');
  const text = events.filter((event) => event.type === 'response.output_text.delta').map((event) => event.delta);
  assert.equal(text.join(''), 'You said: Hello there');
});

test('the stream helper adds a stream up to the response', async () => {
  const stream = client.responses.stream({ model: 'simulator/echo', input: 'Hello there' });
  const snapshots = [];
  stream.on('response.output_text.delta', (event) => snapshots.push(event.snapshot));
  const response = await stream.finalResponse();
  assert.equal(response.output_text, 'You said: Hello there');
  assert.equal(snapshots.at(-1), 'You said: Hello there');
});

const tools = ['get_weather', 'get_time'].map((name) => ({
  type: 'function',
  name,
  strict: true,
  parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'], additionalProperties: false },
}));

for (const provider of ['simulator', 'simulator-anthropic']) {
  test(`tools are called side by side, and their results go back with the reasoning: ${provider}`, async () => {
    const wanted = {
      model: 'simulator/reasoner',
      tools,
      reasoning: { effort: 'low' },
      include: ['reasoning.encrypted_content'],
      provider: { only: [provider] },
    };
    const input = [{ role: 'user', content: 'Use get_weather and get_time.' }];
    const first = await client.responses.stream({ ...wanted, input }).finalResponse();
    const calls = first.output.filter((item) => item.type === 'function_call');
    assert.deepEqual(calls.map((call) => call.name), ['get_weather', 'get_time']);
    assert.equal(typeof JSON.parse(calls[1].arguments).city, 'string');
    input.push(...first.output);
    input.push(...calls.map((call) => ({ type: 'function_call_output', call_id: call.call_id, output: 'sunny' })));
    const second = await client.responses.create({ ...wanted, input });
    assert.deepEqual(second.output.map((item) => item.type), ['reasoning', 'message']);
    assert.match(second.output_text, /get_weather returned: sunny/);
  });
}

test('structured output is parsed', async () => {
  const schema = { type: 'object', properties: { n: { type: 'integer' } }, required: ['n'], additionalProperties: false };
  const answer = await client.responses.create({
    model: 'simulator/echo',
    input: 'Count',
    text: { format: { type: 'json_schema', name: 'count', strict: true, schema } },
  });
  assert.ok(Number.isInteger(JSON.parse(answer.output_text).n));
  assert.equal(answer.text.format.name, 'count');
});

const rejected = (error, promise, check) =>
  assert.rejects(promise, (thrown) => {
    assert.ok(thrown instanceof error, `${thrown.constructor.name}: ${thrown.message}`);
    check?.(thrown);
    return true;
  });

test('errors are the classes of the client', async () => {
  const create = (body, by = client) => by.responses.create({ model: 'simulator/echo', input: 'Hi', ...body });
  await rejected(BadRequestError, create({ store: true }), (e) => assert.equal(e.param, 'store'));
  await rejected(BadRequestError, create({ tools: [{ type: 'web_search' }] }), (e) => assert.match(e.message, /web_search/));
  await rejected(BadRequestError, create({ model: 'no/such' }), (e) => assert.equal(e.param, 'model'));
  await rejected(InternalServerError, create({ model: 'test/dead' }));
  const stranger = new OpenAI({ baseURL, apiKey: `sk-souk-v1-${'0'.repeat(64)}`, maxRetries: 0 });
  await rejected(AuthenticationError, create({}, stranger));
});

test('an answer that breaks off ends with a failed response', async () => {
  const stream = await client.responses.create({ model: 'test/breaks', input: 'Hello there', stream: true });
  const types = [];
  for await (const event of stream) types.push(event.type);
  assert.deepEqual(types.slice(-2), ['error', 'response.failed']);
  assert.ok(!types.includes('response.completed'));
});

test('a prompt is completed, whole and in a stream', async () => {
  const wanted = { model: 'simulator/echo', prompt: 'Hello there' };
  const whole = await client.completions.create(wanted);
  assert.equal(whole.choices[0].text, 'You said: Hello there');
  let text = '';
  for await (const chunk of await client.completions.create({ ...wanted, stream: true })) text += chunk.choices[0]?.text ?? '';
  assert.equal(text, whole.choices[0].text);
});
