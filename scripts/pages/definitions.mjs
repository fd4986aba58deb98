// What people do with definitions beside writing them. See pages.mjs.

/** Tries it. */
export async function work({ page, plain, claim, expect }) {
  await claim("the list of definitions says in words how each fares", async () => {
    for (const it of [page, plain]) {
      await it.goto("/definitions");
      // Where everybody is still being judged, by a version just published too, the page comes back by itself.
      await it.getByText(/^(No definition fares worse|\d+ definitions? (is|are) to be looked at)/).waitFor({ timeout: 60_000 });
      const row = it.getByRole("row").filter({ hasText: "team-near-limit" });
      await row.getByRole("img", { name: /^Entries a week over 12 full weeks up to .+: (\d+, ){11}\d+$/ }).waitFor({ timeout: 90_000 });
      const words = await row.textContent();
      expect(/usual|too few to say/.test(words), `its pace in words: ${words}`);
      expect(/of \d+, before publication|since published/.test(words), `its precision with its base: ${words}`);
    }
  });
  await claim("a definition is begun without reaching for the mouse, and an account is explained by its name", async () => {
    await page.goto("/definitions/new");
    await page.keyboard.type("busy-team");
    expect((await page.getByLabel("Name").inputValue()) === "busy-team", "its name is the first thing that is typed");
    await page.goto("/accounts");
    const name = await page.locator("tbody th a").first().textContent();
    await page.goto("/definitions/team-near-limit/explain");
    await page.getByRole("textbox", { name: "Account", exact: true }).fill(name.trim().toLowerCase());
    await page.keyboard.press("Enter");
    await page.getByText(/\d of \d hold/).first().waitFor();
  });
  await claim("a lead says what to talk about, and its messages lead to what became of them", async () => {
    await page.goto("/leads?view=open");
    await page.locator("tr.lead a[href^='/leads/lead_']").first().click();
    await page.getByRole("heading", { name: "What to talk about" }).waitFor();
    const message = page.locator(".timeline a").first();
    await message.focus();
    await page.keyboard.press("Enter");
    await page.waitForURL("**/deliveries/*");
    await page.getByRole("heading", { name: "Attempts" }).waitFor();
  });
  await claim("a publication is told of until it decides, on the list too", async () => {
    for (const it of [page, plain]) {
      for (const path of ["/definitions/team-near-limit/versions", "/definitions"]) {
        await it.goto(path);
        await it.locator(".following").getByText("team-near-limit: it decides since").waitFor({ timeout: 60_000 });
      }
    }
  });
  await claim("what was done is narrowed by who and what, with links and as a form", async () => {
    await page.goto("/settings/audit");
    await page.getByLabel("What", { exact: true }).selectOption("key made");
    await page.waitForURL(/act=key\+made/);
    await page.getByRole("link", { name: "All of it" }).focus();
    await page.keyboard.press("Enter");
    await page.waitForURL((it) => !it.search.includes("act="));
    await plain.goto("/settings/audit");
    await plain.getByRole("link", { name: "published", exact: true }).first().click();
    await plain.waitForURL(/act=published/);
    await plain.getByText("team-near-limit").first().waitFor();
    await plain.getByLabel("From").fill("2020-01-01");
    await plain.getByLabel("To", { exact: true }).fill("2020-01-02");
    await plain.getByRole("button", { name: "Show", exact: true }).click();
    await plain.getByRole("heading", { name: "Nothing of that was done" }).waitFor();
  });
  await claim("who is held out and what that showed lead to each other", async () => {
    await page.goto("/holdouts");
    await page.getByRole("link", { name: "What outreach caused" }).focus();
    await page.keyboard.press("Enter");
    await page.waitForURL("**/reports/holdouts");
    await page.getByRole("link", { name: "Who is held out" }).click();
    await page.waitForURL("**/holdouts");
    expect(await page.getByRole("heading", { level: 1 }).isVisible(), "the list of who is held out");
  });
}
