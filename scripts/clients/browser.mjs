// A vendor's client for browsers tells the story that stands on standard input: each visitor in a browser of their own,
// on a page of another site than the server.
//
//   browser.mjs VENDOR URL KEY     $CHROMIUM names the browser; VENDOR is `segment`, `segment-batched`,
//                                  `rudderstack` or `posthog`
import { once } from "node:events";
import { createReadStream, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { basename } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { chromium } from "playwright-core";

const SCRIPTS = {
  segment: "node_modules/@segment/analytics-next/dist/umd",
  rudderstack: "node_modules/@rudderstack/analytics-js/dist/npm/modern/bundled/esm",
  posthog: "node_modules/posthog-js/dist",
};
const TIME_MAX_MS = 150_000;

const [vendor, url, key] = process.argv.slice(2);
const steps = JSON.parse(readFileSync(0, "utf8"));
const folder = SCRIPTS[vendor.split("-")[0]];

const site = createServer((request, response) => {
  const file = basename(request.url.split("?")[0]);
  response.setHeader("content-type", file ? "text/javascript" : "text/html");
  if (!file) response.end("<!doctype html><title>A product</title><link rel=icon href=data:,>");
  else createReadStream(`${folder}/${file}`).on("error", () => response.destroy()).pipe(response);
}).listen(0, "127.0.0.1");
await once(site, "listening");
const origin = `http://localhost:${site.address().port}`;

/** In the page: takes the steps of one visitor with Segment's client, and returns when each was taken. */
async function segment({ steps, url, key, vendor }) {
  const script = document.createElement("script");
  script.src = "/index.js";
  const loaded = new Promise((resolve) => (script.onload = resolve));
  document.head.append(script);
  await loaded;
  const batching = { strategy: "batching", config: { size: 10, timeout: 300 } };
  const integrations = vendor === "segment-batched" ? { "Segment.io": { deliveryStrategy: batching } } : {};
  const client = window.AnalyticsNext.AnalyticsBrowser.load({ writeKey: key, cdnURL: url }, { integrations });
  await client;
  client.setAnonymousId(steps[0].anonymous);
  return steps.map(({ n, do: call, user, account, event, name, category, properties, traits, time }) => {
    const at = Date.now() / 1000;
    const options = { ...(account && { context: { groupId: account } }), ...(time && { timestamp: new Date(time) }) };
    if (call === "track") client.track(event, properties, options);
    else if (call === "identify") client.identify(user, traits);
    else if (call === "group") client.group(account, traits);
    else client.page(category, name, properties);
    return { step: n, at };
  });
}

/** In the page: the same with RudderStack's client. */
async function rudderstack({ steps, url, key }) {
  const { RudderAnalytics } = await import("/index.mjs");
  const client = new RudderAnalytics();
  client.load(key, url, { configUrl: url });
  await new Promise((resolve) => client.ready(resolve));
  client.setAnonymousId(steps[0].anonymous);
  return steps.map(({ n, do: call, user, account, event, name, category, properties, traits, time }) => {
    const at = Date.now() / 1000;
    const options = { ...(account && { context: { groupId: account } }), ...(time && { originalTimestamp: time }) };
    if (call === "track") client.track(event, properties, options);
    else if (call === "identify") client.identify(user, traits);
    else if (call === "group") client.group(account, traits);
    else client.page(category, name, properties);
    return { step: n, at };
  });
}

/** In the page: the same with PostHog's client. */
async function posthog({ steps, url, key }) {
  const { default: client } = await import("/module.no-external.js");
  client.init(key, {
    api_host: url,
    bootstrap: { distinctID: steps[0].anonymous, isIdentifiedID: false },
    autocapture: false,
    capture_pageview: false,
    capture_pageleave: false,
    // A headless browser is taken for a robot, which would not be counted.
    opt_out_useragent_filter: true,
    // PostHog's client lets only so many events pass in a second.
    rate_limiting: { events_per_second: 1000, events_burst_limit: 10000 },
  });
  return steps.map(({ n, do: call, user, account, event, properties, traits, time }) => {
    const at = Date.now() / 1000;
    if (call === "track") client.capture(event, properties, time && { timestamp: new Date(time) });
    else if (call === "identify") client.identify(user, traits);
    else client.group("company", account, traits);
    return { step: n, at };
  });
}

const browser = await chromium.launch({ executablePath: process.env.CHROMIUM });
const visitors = [...new Set(steps.map((it) => it.anonymous))];
await Promise.all(
  visitors.map(async (visitor) => {
    const context = await browser.newContext();
    const page = await context.newPage();
    page.on("pageerror", (error) => console.error(error));
    await page.goto(origin);
    const theirs = steps.filter((it) => it.anonymous === visitor);
    const tell = { posthog, rudderstack }[vendor] ?? segment;
    const told = await page.evaluate(tell, { steps: theirs, url, key, vendor });
    told.forEach((it) => console.log(JSON.stringify(it)));
  }),
);

// The clients do not tell when all is delivered; the proxy knows.
const until = Date.now() + TIME_MAX_MS;
let answered = 0;
while (answered < steps.length && Date.now() < until) {
  await sleep(100);
  answered = await (await fetch(`${url}/-/answered`)).json();
}
await browser.close();
site.close();
if (answered < steps.length) {
  console.error(`${answered} of ${steps.length} messages were answered in time`);
  process.exitCode = 1;
}
