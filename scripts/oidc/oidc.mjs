// Signs people in by an OpenID provider, in Chromium. See scripts/oidc.sh.
//
//   oidc.mjs ADDRESS FOLDER     ADDRESS is where the pages are; $CHROMIUM names the browser
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { chromium } from "playwright-core";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core"), "utf8");
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
const [site, folder] = process.argv.slice(2);
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args: ["--no-sandbox"] });
const wrong = [];
let done = 0;

async function open(options = {}) {
  const context = await browser.newContext({ baseURL: site, ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(10_000);
  return page;
}

async function claim(what, work) {
  try {
    await work();
    done += 1;
  } catch (error) {
    wrong.push(`${what}: ${error.message.split("\n").slice(0, 4).join(" ")}`);
  }
}

function must(holds, what) {
  if (!holds) throw new Error(what);
}

/** Goes to the provider and says there who one is. */
async function signIn(page, who, to = "/accounts") {
  await page.goto(`/sign-in?to=${encodeURIComponent(to)}`);
  await page.getByRole("link", { name: "Sign in with Acme login" }).click();
  await page.locator("input[name=login]").fill(who);
  await page.locator("input[name=password]").fill("anything");
  await page.locator("button[type=submit]").click();
  await page.getByText("Authorize").first().waitFor();
  await page.locator("button[type=submit]").click();
}

await claim("who is in the group of admins comes in as one, where they wanted to", async () => {
  const page = await open();
  await signIn(page, "ann");
  await page.waitForURL("**/accounts");
  await page.goto("/people");
  await page.getByRole("heading", { level: 1, name: "People" }).waitFor();
  must(await page.getByText("ann@acme.example").first().isVisible(), "she is among the people");
});
await claim("somebody without a script comes in as what their group says", async () => {
  const page = await open({ javaScriptEnabled: false });
  await signIn(page, "bob", "/leads");
  await page.waitForURL("**/leads");
  const answer = await page.goto("/people");
  must(answer.status() === 403, "a rep does not see the people");
});
await claim("an address that was not verified is nobody's", async () => {
  const page = await open();
  await signIn(page, "eve");
  await page.getByText("no e-mail address of yours that it has verified").waitFor();
  must(new URL(page.url()).pathname === "/sign-in/oidc/back", "she is not in");
  const answer = await page.goto("/leads");
  must(new URL(answer.url()).pathname === "/sign-in", "she is not in");
});
await claim("an address of another company does not come in", async () => {
  const page = await open();
  await signIn(page, "max");
  await page.getByText("not of a company that may come in here").waitFor();
});
await claim("who says no there is told so here", async () => {
  const page = await open();
  await page.goto("/sign-in");
  await page.getByRole("link", { name: "Sign in with Acme login" }).click();
  await page.getByText("[ Cancel ]").click();
  await page.getByText("Acme login did not let you in").waitFor();
});
await claim("an answer counts once, and only in the browser that asked", async () => {
  const page = await open();
  let answer;
  page.on("request", (it) => {
    if (it.url().includes("/sign-in/oidc/back")) answer = it.url();
  });
  await signIn(page, "bob", "/leads");
  await page.waitForURL("**/leads");
  const other = await open();
  await other.goto(answer);
  await other.getByText("begun elsewhere").waitFor();
  await page.context().clearCookies();
  await page.goto(answer);
  await page.getByText("begun elsewhere").waitFor();
});
await claim("passwords are not taken", async () => {
  const page = await open();
  await page.goto("/sign-in");
  must((await page.locator("input[type=password]").count()) === 0, "there is no field for one");
});
for (const [width, viewport] of Object.entries({ desktop: { width: 1280, height: 900 }, phone: { width: 390, height: 844 } })) {
  for (const colorScheme of ["light", "dark"]) {
    await claim(`the page is sound: ${width}, ${colorScheme}`, async () => {
      const page = await open({ viewport, colorScheme });
      await page.goto("/sign-in/oidc/back?state=x");
      await page.evaluate(AXE);
      const { violations } = await page.evaluate((tags) => axe.run(document, { runOnly: tags }), RULES);
      must(violations.length === 0, violations.map((it) => it.id).join(", "));
      const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      must(over <= 0, `${over} px wider than the window`);
      await page.screenshot({ path: `${folder}/oidc-${width}-${colorScheme}.png` });
    });
  }
}

await browser.close();
for (const it of wrong) console.error(`wrong: ${it}`);
console.log(`${done} claims hold, ${wrong.length} do not`);
process.exit(wrong.length === 0 ? 0 : 1);
