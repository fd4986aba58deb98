// Takes the demo's guided tour. See scripts/demo.sh.
//
//   tour.mjs ADDRESS TOLD FOLDER     TOLD is what the demo said; $CHROMIUM names the browser
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { chromium } from "playwright-core";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core"), "utf8");
const WIDTHS = { desktop: { width: 1280, height: 860 }, phone: { width: 390, height: 844 } };
const [site, told, folder] = process.argv.slice(2);
const wrong = [];

function expect(holds, what) {
  if (!holds) wrong.push(what);
}

// Who signs in stands in what the demo has said.
const [, email, password] = /^ {2}(\S+@\S+) {2}(.+)$/m.exec(readFileSync(told, "utf8"));
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args: ["--no-sandbox"] });

async function open(options) {
  const context = await browser.newContext({ baseURL: site, ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(20_000);
  page.on("pageerror", (it) => wrong.push(String(it)));
  page.on("console", (it) => it.type() === "error" && wrong.push(`${page.url()}: ${it.text()}`));
  return page;
}

// The server is there before it knows everything again.
for (let tries = 0; tries < 200; tries += 1) {
  const ready = await fetch(`${site}/health/ready`).catch(() => null);
  if (ready?.ok) break;
  await new Promise((done) => setTimeout(done, 200));
}
const first = await open({ viewport: WIDTHS.desktop });
await first.goto("/sign-in");
await first.getByLabel("Work e-mail").fill(email);
await first.getByLabel("Password").fill(password);
await first.keyboard.press("Enter");
await first.waitForURL("**/leads");
const storageState = await first.context().storageState();

// What has come in is told without moving anything; Acme Bikes qualifies a little after the visitor has come.
await first.locator("#arrived").getByText("come in").waitFor({ timeout: 180_000 });
await first.locator("#arrived").getByRole("link").click();
await first.getByRole("link", { name: "Acme Bikes", exact: true }).first().waitFor({ timeout: 120_000 });

for (const [width, viewport] of Object.entries(WIDTHS)) {
  for (const colorScheme of ["light", "dark"]) {
    const page = await open({ viewport, colorScheme, storageState });
    await page.goto("/leads");
    let stop = 0;
    let next = page.getByRole("region", { name: "Guided tour" }).getByRole("link", { name: /^(Take the tour|Next)/ });
    while (await next.count()) {
      const answer = await Promise.all([page.waitForNavigation(), next.click()]).then(([it]) => it);
      stop += 1;
      const what = `stop ${stop}, ${width}, ${colorScheme}`;
      expect(answer.status() === 200, `${what}: ${answer.status()} at ${page.url()}`);
      const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      expect(over <= 0, `${what}: ${over} px wider than the window`);
      await page.evaluate(AXE);
      const { violations } = await page.evaluate(() => axe.run(document));
      for (const it of violations) expect(false, `${what}: ${it.id}: ${it.nodes[0].html.slice(0, 160)}`);
      const name = new URL(page.url()).pathname.split("/").filter(Boolean).join("-");
      await page.screenshot({ path: `${folder}/${name}-${width}-${colorScheme}.png` });
      if (answer.status() !== 200) break;
    }
    expect(stop === 8, `${width}, ${colorScheme}: the tour has ${stop} stops`);
    await page.context().close();
  }
}
await browser.close();
console.log(`the tour was taken four times, screenshots are in ${folder}`);
for (const it of wrong) console.error(`wrong: ${it}`);
process.exit(wrong.length ? 1 : 0);
