// Shows messages in a page of a product, and looks closely.
//
//   pages.mjs SERVER KEY SCREENS     KEY is what `firsthand key sign --json` told; $CHROMIUM names the browser
//
// What the people of the pages did is left in `did.json`, for `recorded.py`.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHmac } from "node:crypto";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { dirname } from "node:path";
import { chromium } from "playwright-core";

const [server, keyFile, screens] = process.argv.slice(2);
const key = [JSON.parse(readFileSync(keyFile, "utf8"))].flat()[0];
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const store = `${dirname(keyFile)}/project/data/store.db`;

/** What the product's server does: signs who is signed in. */
function token(person) {
  const part = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const exp = Math.floor(Date.now() / 1000) + 600;
  const signed = `${part({ alg: "HS256", typ: "JWT", kid: key.id })}.${part({ sub: person, exp })}`;
  return `${signed}.${createHmac("sha256", key.secret).update(signed).digest("base64url")}`;
}

const POLICY = `default-src 'none'; script-src 'self' ${server}; connect-src 'self' ${server}; style-src 'self'; img-src 'self'; ` +
  "form-action 'self'; base-uri 'none'; require-trusted-types-for 'script'; trusted-types 'none'";
const ROWS = ["j.ferrand@depot.example", "orders@kilnworks.example", "t.osei@northdock.example", "hello@velofix.example"];

/** A page of the product. `?person=` says who is signed in; `&hostile` adds styles, `&slot` a place for messages. */
function page(query) {
  const person = query.get("person");
  const rows = ROWS.map((it) => `<tr><td>${it}</td><td>Driver sign-up</td></tr>`).join("");
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Contacts · Acme Forms</title>
    <meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="/icon.svg">
    <link rel="stylesheet" href="/${query.has("hostile") ? "hostile" : "host"}.css">
    <script src="${server}/firsthand.js" data-token-url="/token?person=${person}" defer></script></head>
    <body><header>Acme Forms</header><main>${query.has("slot") ? "<div data-firsthand></div>" : ""}<h1>Contacts</h1>
    <p><label>Search <input id="search"></label> <button id="own">Add a contact</button></p>
    <table><tr><th>Contact</th><th>From form</th></tr>${rows}</table></main></body></html>`;
}

const site = createServer((request, response) => {
  const url = new URL(request.url, "http://host");
  const send = (type, body) => response.setHeader("content-type", type).end(body);
  response.setHeader("content-security-policy", POLICY);
  if (url.pathname === "/token") send("text/plain", token(url.searchParams.get("person")));
  else if (url.pathname === "/icon.svg") send("image/svg+xml", "<svg xmlns='http://www.w3.org/2000/svg'/>");
  else if (url.pathname.endsWith(".css")) send("text/css", readFileSync(`.${url.pathname}`));
  else send("text/html; charset=utf-8", page(url.searchParams));
}).listen(0, "127.0.0.1");
process.chdir(import.meta.dirname);
await once(site, "listening");
const origin = `http://localhost:${site.address().port}`;
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args: ["--no-sandbox"] });

const SIZES = { desktop: { width: 1280, height: 800 }, phone: { width: 390, height: 844 } };
const did = [];

/** Opens the product as a person, and fails if the page or the policy complains. */
async function open(person, { size = "desktop", theme = "light", query = "", before = null, ...more } = {}) {
  const context = await browser.newContext({ viewport: SIZES[size], colorScheme: theme, hasTouch: size === "phone", ...more });
  const tab = await context.newPage();
  const complaints = [];
  tab.on("pageerror", (error) => complaints.push(String(error)));
  tab.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
  if (before) await before(tab);
  await tab.goto(`${origin}/?person=${person}${query}`);
  const close = async () => {
    assert.deepEqual(complaints, [], `the page of ${person} complains`);
    await context.close();
  };
  return { tab, context, close };
}

/** Waits until the server has heard of an act. */
function heard(tab, act) {
  return tab.waitForResponse((it) => it.url().endsWith("/acts") && it.request().method() === "POST" &&
    it.request().postDataJSON().act === act && it.status() === 204);
}

/** Opens the product and waits for its message to be seen. */
async function see(person, message, options = {}) {
  const shown = [];
  const opened = await open(person, { ...options, before: (tab) => void shown.push(heard(tab, "shown")) });
  await shown[0];
  did.push([person, "shown", `${person}:${message}`]);
  return opened;
}

async function audit(tab) {
  // Through the browser's own door: the page's policy lets nobody else's script in.
  const session = await tab.context().newCDPSession(tab);
  const evaluate = async (expression) => {
    const { result, exceptionDetails } = await session.send("Runtime.evaluate", { expression, awaitPromise: true, returnByValue: true });
    assert.equal(exceptionDetails, undefined, exceptionDetails?.exception?.description);
    return result.value;
  };
  await evaluate(`${axe}; undefined`);
  const found = await evaluate(`axe.run("firsthand-message").then((it) => it.violations.map((v) => v.id + ": " + v.nodes.map((n) => n.html).join(" ")))`);
  assert.deepEqual(found, []);
}

const stories = {
  async "each form at each width in light and dark, by its looks and by axe"() {
    for (const form of ["banner", "modal", "checklist"]) {
      for (const size of Object.keys(SIZES)) {
        for (const theme of ["light", "dark"]) {
          const person = `${form}-${size}-${theme}`;
          const { tab, close } = await see(person, form, { size, theme });
          await tab.waitForTimeout(250); // Until it has faded in.
          await tab.screenshot({ path: `${screens}/${person}.png` });
          await audit(tab);
          const wide = await tab.evaluate(() => document.documentElement.scrollWidth > innerWidth);
          assert.equal(wide, false, `${person} makes the page wider`);
          await close();
        }
      }
    }
  },

  async "hostile styles do not reach it, and its own reach nobody"() {
    const look = (tab) => tab.evaluate(() => {
      const style = (it) => Object.fromEntries([...getComputedStyle(it)].map((name) => [name, getComputedStyle(it)[name]]));
      return [...document.querySelectorAll("body, #own, #search, table, h1")].map(style);
    });
    const bare = await open("nobody", { query: "&hostile" });
    const without = await look(bare.tab);
    await bare.close();
    const { tab, close } = await see("both", "banner", { query: "&hostile" });
    did.push(["both", "shown", "both:checklist"]);
    await tab.getByRole("heading", { name: "Two steps to your first report" }).waitFor();
    const card = await tab.locator(".banner").evaluate(async (it) => {
      await Promise.all(it.getAnimations({ subtree: true }).map((fade) => fade.finished));
      const { backgroundColor, fontSize, textTransform, letterSpacing, opacity, transform, position } = getComputedStyle(it);
      return { backgroundColor, fontSize, textTransform, letterSpacing, opacity, transform, position, width: it.offsetWidth > 300 };
    });
    assert.deepEqual(card, {
      backgroundColor: "rgb(255, 255, 255)", fontSize: "14px", textTransform: "none", letterSpacing: "normal", opacity: "1",
      transform: "none", position: "relative", width: true,
    });
    assert.deepEqual(await look(tab), without, "the page looks as it does without us");
    await tab.waitForTimeout(250);
    await tab.screenshot({ path: `${screens}/hostile.png` });
    await close();
  },

  async "one global, no cookie, nothing stored, nothing else of the page touched"() {
    const { tab, context, close } = await see("first-visit", "banner");
    const left = await tab.evaluate(() => {
      const clean = document.createElement("iframe");
      document.body.append(clean);
      const known = new Set(Object.getOwnPropertyNames(clean.contentWindow));
      clean.remove();
      const own = Object.getOwnPropertyNames(window).filter((it) => !known.has(it) && Number.isNaN(Number(it)));
      return { own, stored: localStorage.length + sessionStorage.length, api: Object.keys(window.firsthand), frozen: Object.isFrozen(window.firsthand) };
    });
    assert.deepEqual(left.own.filter((it) => !/^(axe|own|search|__pw|__playwright)/.test(it)), ["firsthand"]);
    assert.deepEqual([left.stored, left.api, left.frozen], [0, ["start", "stop"], true]);
    assert.deepEqual(await context.cookies(), []);
    await tab.evaluate(() => window.firsthand.stop());
    assert.equal(await tab.locator("firsthand-message").count(), 0, "it leaves without a trace");
    await close();
  },

  async "the keyboard alone puts a banner away, and it stays away on every device"() {
    const phone = await see("devices", "banner", { size: "phone" });
    const { tab, close } = await open("devices");
    const region = tab.getByRole("region", { name: "About your plan" });
    await region.waitFor();
    await tab.locator("#own").focus();
    const link = region.getByRole("link", { name: "See what Pro gives" });
    for (let stops = 0; stops < 9 && !(await link.evaluate((it) => it === it.getRootNode().activeElement)); stops++) await tab.keyboard.press("Tab");
    await tab.keyboard.press("Tab");
    const away = region.getByRole("button", { name: "Not now, hide this message" });
    assert.ok(await away.evaluate((it) => it === it.getRootNode().activeElement), "the button comes after the link");
    const dismissed = heard(tab, "dismissed");
    await tab.keyboard.press("Enter");
    await dismissed;
    did.push(["devices", "dismissed", "devices:banner"]);
    await region.waitFor({ state: "detached" });
    await phone.tab.getByRole("region").waitFor({ state: "detached", timeout: 2000 });
    await phone.close();
    await close();
  },

  async "a click is heard although the page goes away"() {
    const { tab, close } = await see("keyboard-banner", "banner");
    const clicked = heard(tab, "clicked");
    await tab.getByRole("link", { name: "See what Pro gives" }).focus();
    await tab.keyboard.press("Enter");
    await Promise.allSettled([clicked, tab.waitForURL(`${origin}/plans?from=banner`)]);
    assert.equal(tab.url(), `${origin}/plans?from=banner`);
    did.push(["keyboard-banner", "clicked", "keyboard-banner:banner"]);
    await close();
  },

  async "a dialog holds the focus, names itself, and gives the focus back"() {
    const { tab, close } = await see("keyboard-modal", "modal");
    const dialog = tab.getByRole("dialog", { name: "Room for 50,000 contacts" });
    await dialog.waitFor();
    assert.equal(await tab.evaluate(() => document.activeElement.localName), "firsthand-message");
    const seen = [];
    for (let stops = 0; stops < 5; stops++) {
      await tab.keyboard.press("Tab");
      seen.push(await dialog.evaluate((it) => it.getRootNode().activeElement?.textContent));
    }
    assert.deepEqual(seen, ["Upgrade to Pro", "Not now", "Upgrade to Pro", "Not now", "Upgrade to Pro"]);
    await tab.keyboard.press("Shift+Tab");
    assert.equal(await dialog.evaluate((it) => it.getRootNode().activeElement.textContent), "Not now");
    const dismissed = heard(tab, "dismissed");
    await tab.keyboard.press("Space");
    await dismissed;
    did.push(["keyboard-modal", "dismissed", "keyboard-modal:modal"]);
    await dialog.waitFor({ state: "detached" });
    await close();
  },

  async "a dialog waits while somebody writes, and Escape gives the focus back"() {
    const { tab, close } = await open("writing", {
      before: (tab) => tab.addInitScript(() => addEventListener("DOMContentLoaded", () => document.querySelector("#search").focus())),
    });
    await tab.waitForResponse((it) => it.url().endsWith("/stream"));
    await tab.keyboard.type("kiln");
    await tab.waitForTimeout(500);
    assert.equal(await tab.getByRole("dialog").count(), 0, "nothing comes in between");
    assert.equal(await tab.locator("#search").inputValue(), "kiln");
    const shown = heard(tab, "shown");
    await tab.keyboard.press("Tab"); // To the button beside it.
    await shown;
    did.push(["writing", "shown", "writing:modal"]);
    const dismissed = heard(tab, "dismissed");
    await tab.keyboard.press("Escape");
    await dismissed;
    did.push(["writing", "dismissed", "writing:modal"]);
    await tab.getByRole("dialog").waitFor({ state: "detached" });
    assert.equal(await tab.evaluate(() => document.activeElement.id), "own");
    await close();
  },

  async "a checklist says which steps are done"() {
    const { tab, close } = await see("keyboard-checklist", "checklist");
    const region = tab.getByRole("region", { name: "Two steps to your first report" });
    const items = await region.getByRole("listitem").allInnerTexts();
    assert.deepEqual(items.map((it) => it.replace(/\s+/g, " ").trim()), [
      "Done: Publish a form", "Done: Collect ten answers", "To do: Invite a colleague", "To do: Schedule a report",
    ]);
    await region.getByText("2 of 4 steps done").waitFor();
    await close();
  },

  async "who passes 80 % of a limit while the page is open sees it there within a second"() {
    const { tab, close } = await open("grower");
    await tab.waitForResponse((it) => it.url().endsWith("/stream"));
    // The product tells of its team, and of what somebody imported.
    const batch = [
      { type: "group", userId: "grower", groupId: "growing", traits: { plan: "free" } },
      { type: "track", userId: "grower", event: "Contacts imported", context: { groupId: "growing" }, properties: { contacts: 8140 } },
    ];
    const headers = { "content-type": "application/json", "x-write-key": "a-write-key" };
    const begun = performance.now();
    const answer = await fetch(`${server}/v1/batch`, { method: "POST", headers, body: JSON.stringify({ batch }) });
    assert.equal(answer.status, 200);
    const banner = tab.getByRole("region", { name: "About your plan" });
    await banner.waitFor({ timeout: 40_000 });
    const took = performance.now() - begun;
    assert.match(await banner.innerText(), /8,140 of 10,000 contacts/);
    assert.ok(took < 1000, `the banner came after ${Math.round(took)} ms`);
    await close();
  },

  async "what comes with the page takes its place in it, and what comes later moves nothing"() {
    const { tab, close } = await see("slot", "banner", { query: "&slot" });
    assert.equal(await tab.locator("main [data-firsthand] > firsthand-message").count(), 1);
    await tab.screenshot({ path: `${screens}/slot.png` });
    await close();
    const late = await open("late", { query: "&slot" });
    await late.tab.waitForResponse((it) => it.url().endsWith("/stream"));
    const table = await late.tab.locator("table").boundingBox();
    execFileSync("python3", ["decide.py", store, "late", "banner"]);
    // Written past the server, which finds it when it looks again; a decision of its own is told at once.
    await late.tab.getByRole("region", { name: "About your plan" }).waitFor({ timeout: 40_000 });
    assert.equal(await late.tab.locator("[data-firsthand] > firsthand-message").count(), 0);
    assert.deepEqual(await late.tab.locator("table").boundingBox(), table);
    did.push(["late", "shown", "late:banner"]);
    await late.tab.waitForTimeout(500);
    await late.close();
  },

  async "the reader's language, for our words as well"() {
    const { tab, close } = await see("zh", "banner-zh");
    await tab.getByRole("region", { name: "关于您的套餐" }).getByRole("button", { name: "以后再说，隐藏此消息" }).waitFor();
    assert.equal(await tab.locator(".banner").getAttribute("lang"), "zh-CN");
    await close();
    const other = await see("zh-hant", "modal-zh", { size: "phone" });
    await other.tab.getByRole("dialog").getByRole("button", { name: "以後再說" }).waitFor();
    await other.tab.getByText("聯絡人：已用 8,140 / 10,000").waitFor();
    await other.tab.waitForTimeout(250);
    await other.tab.screenshot({ path: `${screens}/zh-hant.png` });
    await other.close();
  },

  async "a message is text, whatever it says, and leads nowhere strange"() {
    const { tab, close } = await see("unsafe", "unsafe");
    const region = tab.getByRole("region");
    await region.getByText("<img src=x onerror=alert(1)> & <b>bold</b>").waitFor();
    assert.equal(await region.getByRole("link").count(), 0);
    assert.equal(await region.locator("img, script").count(), 0);
    await close();
  },

  async "forced colours and less motion"() {
    const { tab, close } = await see("forced", "banner", { forcedColors: "active", reducedMotion: "reduce" });
    assert.equal(await tab.locator(".banner").evaluate((it) => getComputedStyle(it).animationName), "none");
    await tab.screenshot({ path: `${screens}/forced.png` });
    await close();
  },

  async "where streams do not get through, the list is asked for"() {
    const { tab, context } = await open("fallback", {
      before: (tab) => tab.route("**/in-app/stream", (route) => route.abort()),
    });
    await tab.getByRole("region", { name: "About your plan" }).waitFor({ timeout: 40_000 });
    await heard(tab, "shown").catch(() => {});
    did.push(["fallback", "shown", "fallback:banner"]);
    await context.close();
  },
};

let failed = 0;
for (const [name, story] of Object.entries(stories)) {
  try {
    await story();
    console.log(`ok: ${name}`);
  } catch (error) {
    failed++;
    console.error(`FAILED: ${name}\n${error.stack}`);
  }
}
writeFileSync("did.json", JSON.stringify(did));
await browser.close();
site.close();
process.exitCode = failed ? 1 : 0;
