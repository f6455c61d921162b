// A server without a framework: it starts orders, approves them, and executes their workflows.
//
//     npm install && npm run build
//     WORKFLOW_PG_DSN=postgresql://... node server.mjs

import { readdir, readFile } from 'node:fs/promises';
import http from 'node:http';
import { getRun, resumeHook, start } from 'workflow/api';
import { setWorld } from 'workflow/runtime';
import { createWorld } from 'world-workflow-pg';

// Before the routes are loaded: they ask for it.
const world = await createWorld();
setWorld(world);

const built = new URL('./.well-known/workflow/v1/', import.meta.url);
const manifest = JSON.parse(await readFile(new URL('manifest.json', built), 'utf8'));
const fulfil = manifest.workflows['workflows/order.ts'].fulfil;

// What the SDK has built: 5.x executes steps in the route of workflows, 4.x has one for each.
const routes = {};
for (const file of await readdir(built)) {
  const [, name] = /^(flow|step|webhook)\.m?js$/.exec(file) ?? [];
  if (name) routes[`/.well-known/workflow/v1/${name}`] = await import(new URL(file, built));
}

const app = {
  'POST /orders': async ({ order, cents }) => ({
    runId: (await start(fulfil, [order, cents])).runId,
  }),
  'POST /approvals': async ({ order, by }) => ({
    runId: (await resumeHook(`approve-${order}`, { by })).runId,
  }),
  'POST /results': async ({ runId }) => ({ result: await getRun(runId).returnValue }),
};

const server = http.createServer(async (request, response) => {
  const parts = [];
  for await (const part of request) parts.push(part);
  const body = Buffer.concat(parts);
  try {
    const route = routes[request.url.split('?')[0]];
    if (route) {
      const { method, headers } = request;
      const answer = await route.POST(
        new Request(`http://localhost${request.url}`, { method, headers, body }),
      );
      response
        .writeHead(answer.status, Object.fromEntries(answer.headers))
        .end(await answer.text());
      return;
    }
    const handle = app[`${request.method} ${request.url}`];
    response.writeHead(handle ? 200 : 404, { 'content-type': 'application/json' });
    response.end(JSON.stringify(handle ? await handle(JSON.parse(body)) : {}));
  } catch (error) {
    console.error(error);
    if (!response.headersSent) response.writeHead(error.name === 'HookNotFoundError' ? 404 : 500);
    response.end(String(error));
  }
});

server.listen(Number(process.env.PORT ?? 3000), async () => {
  process.env.PORT = String(server.address().port);
  await world.start();
  console.log(`listening on ${process.env.PORT}`);
  process.on('SIGTERM', async () => {
    await world.close();
    process.exit(0);
  });
});
