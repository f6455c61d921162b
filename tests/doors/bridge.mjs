// The World of clients/typescript for a program that writes one JSON line for each call
// on standard input, {operation, arguments}, and reads {answer} or {error} for each.
//
// The first line that is written says which methods the World has.

import readline from 'node:readline';

import { createWorld } from '../../clients/typescript/src/index.js';
import { decode, encode } from '../../clients/typescript/src/values.js';

const world = await createWorld({ deployment: process.argv[2], specVersion: 7 });
const say = (line) => process.stdout.write(`${encode(line)}\n`);

async function call(operation, values) {
  const path = operation.split('.');
  const method = path.reduce((held, name) => held[name], world);
  const answer = await method(...values);
  if (!(answer instanceof ReadableStream)) return answer ?? null;
  const chunks = [];
  for await (const chunk of answer) chunks.push(chunk);
  return chunks;
}

const methods = Object.entries(world).flatMap(([name, held]) =>
  typeof held === 'function'
    ? [name]
    : Object.keys(Object(held)).map((method) => `${name}.${method}`),
);
say({ methods });

for await (const line of readline.createInterface({ input: process.stdin })) {
  const { operation, arguments: values } = decode(line);
  try {
    say({ answer: await call(operation, values) });
  } catch (error) {
    const { name, message, code, status, retryAfter } = error;
    say({ error: { name, message, code, status, retryAfter } });
  }
}
await world.close();
