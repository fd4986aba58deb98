// Opens every page in Chromium, and does what people do there. See scripts/pages.sh.
//
//   pages.mjs LINK FOLDER     LINK is the one the first admin begins at; $CHROMIUM names the browser
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { chromium } from "playwright-core";
import * as definitions from "./definitions.mjs";
import * as plays from "./plays.mjs";
import * as timeline from "./timeline.mjs";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core"), "utf8");
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
const WIDTHS = { desktop: { width: 1280, height: 900 }, phone: { width: 390, height: 844 } };
const KEY = "wk_web_0123456789";
const PASSWORD = "correct horse battery";

const [link, folder] = process.argv.slice(2);
const site = new URL(link).origin;
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args: ["--no-sandbox"] });
const wrong = [];
const done = [];

/** Says what does not hold, and goes on: all that is wrong is told at once. */
function expect(holds, what) {
  if (!holds) wrong.push(what);
}

/** A page whose errors are heard. */
async function open(options = {}) {
  const context = await browser.newContext({ baseURL: site, ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(10_000);
  page.heard = [];
  // How a page itself is answered is judged by its status, not by what the console makes of it.
  const places = new Set();
  page.on("request", (it) => it.isNavigationRequest() && places.add(it.url()));
  page.on("console", (it) => {
    const ofPage = it.text().startsWith("Failed to load resource") && places.has(it.location().url);
    if (it.type() === "error" && !ofPage) page.heard.push(it.text());
  });
  page.on("pageerror", (it) => page.heard.push(String(it)));
  page.on("requestfailed", (it) => {
    // What is still open when a page is left is no failure.
    if (it.failure()?.errorText !== "net::ERR_ABORTED") page.heard.push(`${it.url()}: ${it.failure()?.errorText}`);
  });
  return page;
}

async function claim(what, work) {
  try {
    await work();
    done.push(what);
  } catch (error) {
    wrong.push(`${what}: ${error.message.split("\n").slice(0, 4).join(" ")}`);
  }
}

/** What is wrong with a page as it stands, by its width and by axe. */
async function look(page, what, axe, opened = 0) {
  const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  expect(over <= 0, `${what}: ${over} px wider than the window`);
  const open = await page.evaluate(() => [...document.querySelectorAll(".menu")].filter((it) => it.checkVisibility()).length);
  expect(open === opened, `${what}: ${open} menus are open, not ${opened}`);
  if (axe) {
    await page.evaluate(AXE);
    const { violations } = await page.evaluate((tags) => axe.run(document, { runOnly: tags }), RULES);
    for (const it of violations) {
      expect(false, `${what}: ${it.id}: ${it.help}: ${it.nodes.slice(0, 3).map((node) => node.html.slice(0, 160)).join(" | ")}`);
    }
  }
  for (const it of page.heard.splice(0)) expect(false, `${what}: ${it}`);
}

// ------------------------------------------------------------------------ signing in, by the keyboard alone

const first = await open({ viewport: WIDTHS.desktop });
await claim("the first admin comes in by the link", async () => {
  await first.goto(link);
  // A page that has just come may not have given its first field the focus yet.
  await first.locator("input:focus").waitFor();
  await first.keyboard.type("Mara Lindqvist");
  await first.keyboard.press("Tab");
  await first.keyboard.type("mara@postbox.example");
  await first.keyboard.press("Tab");
  await first.keyboard.type(PASSWORD);
  await first.keyboard.press("Enter");
  await first.waitForURL("**/leads");
});
await claim("somebody signs out, and in again", async () => {
  await first.getByRole("button", { name: "You and how it looks" }).focus();
  await first.keyboard.press("Enter");
  await first.getByRole("button", { name: "Sign out" }).focus();
  await first.keyboard.press("Enter");
  await first.waitForURL("**/sign-in");
  await first.locator("input:focus").waitFor();
  await first.keyboard.type("mara@postbox.example");
  await first.keyboard.press("Tab");
  await first.keyboard.type("something else");
  await first.keyboard.press("Enter");
  await first.getByText("4 attempts left").waitFor();
  await first.locator("input[type=password]:focus").waitFor();
  // The field that is wrong has the focus.
  await first.keyboard.type(PASSWORD);
  await first.keyboard.press("Enter");
  await first.waitForURL("**/leads");
});
const state = await first.context().storageState();

// ------------------------------------------------------------------------------ what people do, by the keyboard

const rows = () => first.locator("tr.lead");
const count = await rows().count();
expect(count > 5, `the inbox is too empty to be tried: ${count} leads`);
await claim("j and k move through the inbox", async () => {
  await first.keyboard.press("j");
  await first.keyboard.press("j");
  const current = () => rows().evaluateAll((all) => all.findIndex((it) => it.classList.contains("is-current")));
  expect((await current()) === 1, "j twice is the second row");
  await first.keyboard.press("k");
  expect((await current()) === 0, "k goes back");
});
await claim("a accepts, in place, and z takes it back", async () => {
  await first.keyboard.press("a");
  await first.getByRole("status").getByText("is accepted").waitFor();
  expect((await rows().count()) <= count, "the row has gone");
  await look(first, "an answered lead", true);
  await first.screenshot({ path: `${folder}/answered.png` });
  await first.keyboard.press("z");
  await first.getByRole("status").getByText("is open again").waitFor();
});
await claim("s snoozes", async () => {
  await first.keyboard.press("j");
  await first.keyboard.press("s");
  await first.getByRole("status").getByText("is snoozed").waitFor();
});
await claim("r asks for a reason, and rejects", async () => {
  await first.keyboard.press("j");
  await first.keyboard.press("r");
  await first.waitForURL("**/reject**");
  await first.keyboard.press("ArrowDown");
  await first.keyboard.press("Tab");
  await first.keyboard.type("They are a school.");
  await first.keyboard.press("Tab");
  await first.keyboard.press("Tab");
  await first.keyboard.press("Enter");
  await first.getByRole("status").getByText("is rejected").waitFor();
});
await claim("several are accepted at once", async () => {
  await first.keyboard.press("j");
  await first.keyboard.press("x");
  await first.keyboard.press("j");
  await first.keyboard.press("x");
  expect((await first.locator(".pick input:checked").count()) === 2, "x chooses");
  await first.locator("#chosen").getByRole("button", { name: "Accept" }).focus();
  await first.keyboard.press("Enter");
  await first.getByRole("status").getByText("Done for 2").waitFor();
});
await claim("a lead is opened, noted and given to nobody", async () => {
  await first.keyboard.press("j");
  await first.keyboard.press("Enter");
  await first.waitForURL(/leads\/lead_/);
  await first.keyboard.press("n");
  await first.keyboard.type("Ask about the second warehouse.");
  await first.keyboard.press("Tab");
  await first.keyboard.press("Enter");
  await first.getByText("Ask about the second warehouse.").waitFor();
  const before = first.url();
  await first.keyboard.press("j");
  await first.waitForURL((it) => it.href !== before);
  await first.keyboard.press("u");
  await first.waitForURL((it) => it.pathname === "/leads");
});
let account;
await claim("why an account is not qualified is found", async () => {
  await first.keyboard.press("g");
  await first.keyboard.press("a");
  await first.waitForURL("**/accounts");
  account = await first.locator("tbody th a").first().getAttribute("href");
  await first.locator("tbody th a").first().focus();
  await first.keyboard.press("Enter");
  await first.getByRole("heading", { name: "Why, and why not yet" }).waitFor();
  await first.getByText(/of \d+ hold/).first().waitFor();
});
await claim("a view is saved, and is there", async () => {
  await first.goto("/leads?view=open&track=product");
  await first.getByRole("button", { name: "Save this view" }).focus();
  await first.keyboard.press("Enter");
  await first.keyboard.type("Product only");
  await first.keyboard.press("Enter");
  await first.getByRole("link", { name: "Product only" }).waitFor();
});
await claim("what is typed while an answer comes is kept", async () => {
  await first.goto("/leads");
  const slow = async (route) => {
    await new Promise((done) => setTimeout(done, 250));
    await route.continue();
  };
  await first.route("**/leads?*", slow);
  await first.locator("#f-text").focus();
  await first.keyboard.type("wi", { delay: 450 });
  await first.waitForURL(/text=wi/);
  expect((await first.locator("#f-text").inputValue()) === "wi", "the field holds what was typed");
  await first.unroute("**/leads?*", slow);
});
await claim("the lifecycle is asked about otherwise, by the keyboard, and a backtest is opened", async () => {
  await first.goto("/leads");
  await first.keyboard.press("g");
  await first.keyboard.press("f");
  await first.waitForURL("**/reports");
  // Where everybody is still being judged, the page comes back by itself.
  await first.getByText("PQLs who buy", { exact: true }).waitFor({ timeout: 60_000 });
  await first.getByLabel("Within").focus();
  await first.keyboard.press("ArrowUp");
  await first.waitForURL(/within=30/);
  await first.getByText("could be watched for 30 days").waitFor();
  await first.getByText("Show the data").first().focus();
  await first.keyboard.press("Enter");
  await first.getByRole("region", { name: "Accounts by group and stage" }).waitFor();
  await first.getByRole("link", { name: "Backtests" }).focus();
  await first.keyboard.press("Enter");
  await first.waitForURL("**/reports/backtests");
  await first.locator("tbody th a").first().focus();
  await first.keyboard.press("Enter");
  await first.getByRole("rowheader", { name: /^Precision/ }).first().waitFor();
  const table = await first.request.get("/reports/lifecycle.csv?within=30");
  expect((await table.text()).startsWith("part,name,figure,"), "the lifecycle comes as a table");
});
await claim("a key is made, and shown once", async () => {
  await first.goto("/keys");
  await first.getByLabel("Name").focus();
  await first.keyboard.type("crm");
  await first.keyboard.press("Tab");
  await first.keyboard.press("Space");
  await first.getByRole("button", { name: "Make the key" }).focus();
  await first.keyboard.press("Enter");
  await first.getByText(/^fh_[0-9a-f]{64}$/).waitFor();
  await first.goto("/keys");
  expect((await first.getByText(/^fh_/).count()) === 0, "it is shown once");
});
let upload;
await claim("a file is uploaded, looked through and taken in, by the keyboard", async () => {
  await first.goto("/sources/import");
  const rows = Array.from({ length: 500 }, (_, it) => `2026-01-${String(1 + (it % 28)).padStart(2, "0")},file-${it % 20},Opened report`);
  const table = ["day,user,action", ...rows, "soon,file-1,Opened report"].join("\n");
  await first.getByLabel("File", { exact: true }).setInputFiles({ name: "old events.csv", mimeType: "text/csv", buffer: Buffer.from(table) });
  await first.getByRole("button", { name: "Upload and look through" }).focus();
  await first.keyboard.press("Enter");
  await first.getByRole("heading", { name: "500 facts can be taken in" }).waitFor();
  upload = new URL(first.url()).pathname;
  await first.getByRole("link", { name: "Look at the records" }).focus();
  await first.keyboard.press("Enter");
  await first.getByText("soon,file-1").waitFor();
  await first.goto(upload);
  await look(first, "a file that is ready", true);
  await first.screenshot({ path: `${folder}/import-ready.png`, fullPage: true });
  await first.getByRole("button", { name: "Take it in" }).focus();
  await first.keyboard.press("Enter");
  await first.getByRole("heading", { name: "500 facts were added" }).waitFor({ timeout: 60_000 });
});
await claim("a colleague is added, and comes in by the link", async () => {
  await first.goto("/people");
  await first.getByLabel("Name").fill("Jonas Okafor");
  await first.getByLabel("Work e-mail").fill("jonas@postbox.example");
  await first.getByRole("button", { name: "Add and make the link" }).click();
  const link = await first.locator(".secret").textContent();
  const page = await open();
  await page.goto(link);
  await page.getByLabel("Password").fill(PASSWORD);
  await page.keyboard.press("Enter");
  await page.waitForURL("**/leads");
  const settings = await page.goto("/keys");
  expect(settings.status() === 403, "a rep sees no keys");
  await page.context().close();
});
await claim("a lead that comes in is told, and moves nothing", async () => {
  await first.goto("/leads");
  await first.keyboard.press("j");
  const before = await first.locator("tr.lead").allTextContents();
  const send = async (path, body) => {
    const headers = { authorization: `Basic ${btoa(`${KEY}:`)}`, "content-type": "application/json" };
    const answer = await fetch(`${site}${path}`, { method: "POST", headers, body: JSON.stringify(body) });
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  };
  const groupId = "live-bakery";
  await send("/v1/group", { userId: "ana", groupId, traits: { name: "Live Bakery", plan: "free" } });
  const say = (userId, event, properties) => send("/v1/track", { userId, event, properties, context: { groupId } });
  await say("ana", "Contact list imported", { contacts: 9000 });
  for (const userId of ["ana", "ben", "cleo", "ana", "ben"]) await say(userId, "Report exported", { format: "pdf" });
  await first.locator("#arrived").getByText("1 lead has come in").waitFor({ timeout: 20_000 });
  expect(JSON.stringify(await first.locator("tr.lead").allTextContents()) === JSON.stringify(before), "no row moved");
  await first.locator("#arrived").getByRole("link").click();
  await first.getByRole("link", { name: "Live Bakery", exact: true }).waitFor();
});
await claim("what is wrong is told while a definition is typed, and mended by a button", async () => {
  await first.goto("/definitions/team-near-limit");
  await first.locator("#text").focus();
  await first.keyboard.press("Control+End");
  await first.keyboard.type("\nhold_for: 0s");
  await first.locator("#status").getByText("1 error").waitFor();
  await first.keyboard.press("Escape");
  expect((await first.evaluate(() => document.activeElement.id)) === "check-act", "Escape leaves the text");
  await look(first, "a definition with an error", true);
  await first.screenshot({ path: `${folder}/definition-error.png`, fullPage: true });
  await first.getByRole("button", { name: "Use holds_for" }).focus();
  await first.keyboard.press("Enter");
  await first.waitForFunction(() => document.querySelector("#text")?.value.includes("\nholds_for: 0s"));
  await first.getByRole("button", { name: "Discard draft" }).focus();
  await first.keyboard.press("Enter");
  await first.getByRole("status").getByText("The draft is gone").waitFor();
});
await claim("a threshold is moved by its slider, and all figures follow in place", async () => {
  await first.goto("/definitions/team-near-limit");
  await first.locator("#slide").focus();
  for (let step = 0; step < 5; step++) await first.keyboard.press("ArrowLeft");
  await first.waitForFunction(() => document.querySelector("#text").value.includes(">= 75% of"));
  await first.locator("#live-changes ins").getByText("75").waitFor();
  expect((await first.evaluate(() => document.activeElement.id)) === "slide", "the slider keeps the focus");
  await look(first, "a definition with a moved threshold", true);
  await first.screenshot({ path: `${folder}/definition-moved.png`, fullPage: true });
});
await claim("a definition is tuned and published by the keyboard", async () => {
  await first.goto("/definitions/team-near-limit");
  await first.getByRole("link", { name: "Publish", exact: true }).focus();
  await first.keyboard.press("Enter");
  await first.waitForURL("**/publish");
  expect(await first.locator("[value=record]").isChecked(), "the safe choice is made already");
  await look(first, "publishing", true);
  await first.screenshot({ path: `${folder}/publish.png` });
  await first.getByRole("button", { name: "Publish", exact: true }).focus();
  await first.keyboard.press("Enter");
  await first.getByRole("status").getByText("Published.").waitFor();
});
for (const it of first.heard.splice(0)) expect(false, `on the way: ${it}`);

// --------------------------------------------------------------------------------------- without JavaScript

const plain = await open({ viewport: WIDTHS.phone, storageState: state, javaScriptEnabled: false });
await claim("without JavaScript a lead is accepted on a phone, and it is told", async () => {
  await plain.goto("/leads");
  await plain.getByRole("button", { name: /^Accept / }).first().click();
  await plain.getByText("is accepted").waitFor();
});
const send = async (path, body) => {
  const headers = { authorization: `Basic ${btoa(`${KEY}:`)}`, "content-type": "application/json" };
  const answer = await fetch(`${site}${path}`, { method: "POST", headers, body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
};
await plays.work({ page: first, plain, claim, expect, look, send, folder });
for (const it of first.heard.splice(0)) expect(false, `on the way through plays: ${it}`);
await timeline.work({
  page: first,
  plain,
  claim,
  expect,
  account: "live-bakery",
  say: (userId, event, properties, timestamp) =>
    send("/v1/track", { userId, event, properties, timestamp, context: { groupId: "live-bakery" } }),
});
for (const it of first.heard.splice(0)) expect(false, `on the way through the timeline: ${it}`);
await definitions.work({ page: first, plain, claim, expect, look, folder });
for (const it of first.heard.splice(0)) expect(false, `on the way through definitions: ${it}`);
await claim("without JavaScript a definition is written, checked and thrown away", async () => {
  await plain.goto("/definitions/new");
  await plain.getByLabel("Name").fill("busy-team");
  await plain.getByLabel("What it is for").fill("A team that comes back");
  await plain.getByRole("button", { name: "Begin" }).click();
  await plain.waitForURL("**/definitions/busy-team");
  const text = await plain.locator("#text").inputValue();
  await plain.locator("#text").fill(text.replace("days(any", "dyas(any"));
  await plain.getByRole("button", { name: /Check and preview/ }).click();
  await plain.getByText("1 error").first().waitFor();
  await plain.getByRole("button", { name: "Use days" }).click();
  await plain.getByText("No problems").first().waitFor();
  await plain.getByText(/a week would enter/).waitFor();
  await plain.getByRole("button", { name: "Discard draft" }).click();
  await plain.waitForURL("**/definitions");
});
await claim("on a phone filters stay open until they are applied", async () => {
  const page = await open({ viewport: WIDTHS.phone, storageState: state });
  await page.goto("/leads");
  await page.getByRole("button", { name: "Filter and order" }).click();
  await page.locator("#filters").getByLabel("Track").selectOption("marketing");
  await page.waitForURL(/track=marketing/);
  await page.locator("#filters").getByLabel("Order").selectOption("newest");
  await page.waitForURL(/sort=newest/);
  await page.getByRole("button", { name: "Apply" }).click();
  await page.locator("#filters").waitFor({ state: "hidden" });
  for (const it of page.heard) expect(false, `filters on a phone: ${it}`);
  await page.context().close();
});
await claim("without JavaScript the lifecycle is asked about otherwise", async () => {
  await plain.goto("/reports");
  await plain.getByLabel("Outcome").selectOption("paid");
  await plain.getByRole("button", { name: "Show", exact: true }).click();
  await plain.waitForURL(/outcome=paid/);
  await plain.getByText("PQLs who buy", { exact: true }).waitFor();
});
await claim("without JavaScript filters work", async () => {
  await plain.goto("/leads");
  await plain.getByRole("button", { name: "Filter and order" }).click();
  await plain.locator("#filters").getByLabel("Track").selectOption("marketing");
  await plain.getByRole("button", { name: "Apply" }).click();
  await plain.waitForURL(/track=marketing/);
});

// ------------------------------------------------------------------------------------------- every page

await first.goto("/leads");
const lead = await first.locator("tr.lead th a").first().getAttribute("href");
const definition = "/definitions/outgrowing-free";
await first.goto("/deliveries?channel=product");
const delivery = await first.locator("tbody th a").first().getAttribute("href");
await fetch(`${site}/v1/track`, {
  method: "POST",
  headers: { authorization: `Basic ${btoa(`${KEY}:`)}`, "content-type": "application/json" },
  body: JSON.stringify({ userId: "null", event: "" }),
});
await first.goto("/sources/quarantine");
const refused = await first.locator("tbody th a").first().getAttribute("href", { timeout: 5_000 }).catch(() => null);
const pages = {
  leads: "/leads",
  decided: "/leads?view=decided",
  empty: "/leads?text=nobody-has-this-name",
  lead,
  reject: `${lead}/reject`,
  accounts: "/accounts",
  account: "/accounts/live-bakery",
  timeline: "/accounts/live-bakery/timeline",
  "timeline-none": "/accounts/live-bakery/timeline?person=nobody",
  definitions: "/definitions",
  definition,
  "definition-new": "/definitions/new",
  "definition-versions": `${definition}/versions`,
  "definition-publish": `${definition}/publish`,
  lifecycle: "/reports",
  "lifecycle-found": "/reports?by=found&within=30&outcome=paid&segment=larger-firm",
  "lifecycle-wrong": "/reports?segment=nothing",
  backtests: "/reports/backtests",
  backtest: `/reports/backtests/outgrowing-free?split=${new Date(Date.now() - 60 * 864e5).toISOString().slice(0, 10)}`,
  effects: "/reports/holdouts",
  explained: `${definition}?account=${encodeURIComponent(account?.split("/").pop() ?? "")}`,
  ...plays.pages,
  delivery,
  sources: "/sources",
  quarantine: "/sources/quarantine",
  ...(refused && { refused }),
  imports: "/sources/import",
  ...(upload && { import: upload, "import-rejects": `${upload}/rejects` }),
  keys: "/keys",
  people: "/people",
  settings: "/settings",
  audit: "/settings/audit",
  missing: "/leads/nothing",
};
const closed = { "sign-in": "/sign-in", "link-over": "/join/nothing" };
const times = new Map();
for (const [width, viewport] of Object.entries(WIDTHS)) {
  for (const colorScheme of ["light", "dark"]) {
    for (const javaScriptEnabled of [true, false]) {
      const how = `${width}-${colorScheme}${javaScriptEnabled ? "" : "-plain"}`;
      const options = { viewport, colorScheme, javaScriptEnabled, hasTouch: width === "phone" };
      for (const [set, storageState] of [[pages, state], [closed, undefined]]) {
        const page = await open({ ...options, storageState });
        for (const [name, path] of Object.entries(set)) {
          const what = `${name} ${how}`;
          await claim(what, async () => {
            const answer = await page.goto(path);
            const fits = ["missing", "link-over"].includes(name) ? 404 : 200;
            expect(answer.status() === fits, `${what}: ${answer.status()}`);
            const { requestStart, responseStart } = answer.request().timing();
            if (!times.has(name)) times.set(name, []);
            times.get(name).push(responseStart - requestStart);
            await look(page, what, javaScriptEnabled);
            if (javaScriptEnabled) await page.screenshot({ path: `${folder}/${name}-${how}.png`, fullPage: true });
          });
        }
        await page.context().close();
      }
    }
  }
}
// What opens over a page: name, width, the button that opens it, and whether it is a menu.
const over = [
  ["you", "desktop", "You and how it looks", 1],
  ["save-view", "desktop", "Save this view", 1],
  ["drawer", "phone", "Menu", 0],
  ["filters", "phone", "Filter and order", 0],
];
for (const [name, width, button, menus] of over) {
  for (const colorScheme of ["light", "dark"]) {
    const what = `${name} ${width}-${colorScheme}`;
    await claim(what, async () => {
      const page = await open({ viewport: WIDTHS[width], colorScheme, storageState: state });
      await page.goto("/leads");
      await page.getByRole("button", { name: button, exact: true }).click();
      await look(page, what, true, menus);
      await page.screenshot({ path: `${folder}/${name}-${width}-${colorScheme}.png` });
      await page.keyboard.press("Escape");
      await look(page, `${what}, closed again`, false);
      await page.context().close();
    });
  }
}
for (const language of ["zh-Hans", "zh-Hant"]) {
  const cookies = [{ name: "firsthand-language", value: language, url: site }];
  const page = await open({ viewport: WIDTHS.desktop, storageState: state });
  await page.context().addCookies(cookies);
  const looked = {
    leads: "/leads",
    lead,
    definitions: "/definitions",
    lifecycle: "/reports",
    backtests: "/reports/backtests",
    effects: "/reports/holdouts",
    plays: plays.pages.plays,
    preview: plays.pages.preview,
    identity: plays.pages.identity,
  };
  for (const [name, path] of Object.entries(looked)) {
    await claim(`${name} in ${language}`, async () => {
      await page.goto(path);
      await look(page, `${name} in ${language}`, true);
      await page.screenshot({ path: `${folder}/${name}-${language}.png`, fullPage: true });
    });
  }
}
await browser.close();

const median = (all) => all.sort((a, b) => a - b)[Math.floor(all.length / 2)];
for (const [name, all] of times) console.log(`${name.padEnd(12)} ${median(all).toFixed(1).padStart(7)} ms`);
console.log(`${done.length} claims hold, screenshots are in ${folder}`);
for (const it of wrong) console.error(`wrong: ${it}`);
process.exit(wrong.length ? 1 : 0);
