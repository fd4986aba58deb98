// What people do with the timeline of an account. See pages.mjs.

/** Tries it on an account in which ana and ben have exported reports today. */
export async function work({ page, plain, claim, expect, say, account }) {
  const timeline = `/accounts/${account}/timeline`;
  const lines = (it) => it.locator(".timeline > li");
  await claim("a fact that came late is in the timeline, marked with when it was known", async () => {
    const timestamp = new Date(Date.now() - 30 * 36e5).toISOString();
    await say("ana", "Help opened", { topic: "limits" }, timestamp);
    const late = lines(page).filter({ hasText: "Help opened" });
    for (let tries = 0; tries < 20 && !(await late.count()); tries++) await page.goto(timeline);
    const told = await late.textContent();
    expect(/topic: limits/.test(told) && /Late: known Today/.test(told), `its property, and when it was known: ${told}`);
  });
  await claim("by keyboard: from an account to its timeline, a folded line opened, narrowed to a person and a kind", async () => {
    await page.goto(`/accounts/${account}`);
    await page.getByRole("link", { name: "The whole timeline" }).focus();
    await page.keyboard.press("Enter");
    await page.waitForURL(`**${timeline}`);
    const folded = lines(page).filter({ hasText: "ben: Report exported" });
    await folded.locator("summary").focus();
    await page.keyboard.press("Enter");
    expect((await folded.locator(".each li:visible").count()) === 2, "both exports of ben's are told");
    await folded.getByRole("link", { name: "ben", exact: true }).focus();
    await page.keyboard.press("Enter");
    await page.waitForURL(/person=ben/);
    const all = await lines(page).allTextContents();
    expect(all.length > 0 && all.every((it) => it.startsWith("ben:")), `ben's alone: ${all}`);
  });
  await claim("without script: kinds, people and events narrow the timeline, and the address keeps them", async () => {
    await plain.goto(timeline);
    await plain.getByRole("link", { name: "Decisions", exact: true }).click();
    await lines(plain).filter({ hasText: "Lead opened" }).first().waitFor();
    expect((await lines(plain).filter({ hasText: "Report exported" }).count()) === 0, "decisions alone");
    await plain.getByRole("link", { name: "All", exact: true }).click();
    await plain.getByLabel("Event", { exact: true }).selectOption("Help opened");
    await plain.getByRole("button", { name: "Apply" }).click();
    await plain.waitForURL(/name=Help\+opened/);
    expect((await lines(plain).count()) === 1, "one event of that name");
    expect((await plain.getByLabel("Event", { exact: true }).inputValue()) === "Help opened", "it stays chosen");
  });
}
