// What people do on the pages of plays, deliveries and identity. See pages.mjs.

/** The pages, by name; once `work` has been done there is something on each of them. */
export const pages = {
  plays: "/plays/room-to-grow",
  preview: "/plays/room-to-grow/preview",
  "preview-one": "/plays/room-to-grow/preview?account=live-bakery",
  deliveries: "/deliveries",
  dead: "/deliveries?state=dead",
  "held-back": "/held-back",
  holdouts: "/holdouts",
  channels: "/channels",
  source: "/sources/named/web",
  identity: "/sources/identity?kind=merge&person=pat-1&other=pat-2",
};

const press = async (page, locator) => {
  await locator.focus();
  await page.keyboard.press("Enter");
};

/** By the keyboard alone, in `page`; then, in `plain`, without JavaScript. */
export async function work({ page, plain, claim, expect, look, send, folder }) {
  await claim("what was given up is sent again, by the keyboard", async () => {
    await page.goto("/leads");
    await page.keyboard.press("g");
    await page.keyboard.press("p");
    await page.waitForURL("**/plays");
    await press(page, page.getByRole("link", { name: "Look at them" }));
    await page.waitForURL(/state=dead/);
    const before = await page.locator("tbody tr").count();
    expect(before > 0, "nothing was given up");
    await press(page, page.getByRole("button", { name: /^Send again to / }).first());
    await page.getByRole("status").getByText("Put into the queue again.").waitFor();
  });
  await claim("without JavaScript what was given up is sent again on a phone", async () => {
    await plain.goto("/deliveries?state=dead");
    await plain.getByRole("button", { name: /^Send again to / }).first().click();
    await plain.getByText("Put into the queue again.").waitFor();
    await plain.getByRole("button", { name: /^Send all / }).click();
    await plain.getByText(/^Put into the queue again: \d+\.$/).waitFor();
  });
  await claim("who would get what is asked for one account", async () => {
    await page.goto("/plays/room-to-grow/preview");
    await page.getByLabel("For an account").focus();
    await page.keyboard.type("live-bakery");
    await page.keyboard.press("Enter");
    await page.waitForURL(/account=live-bakery/);
    const messages = page.locator(".samples").first();
    await messages.getByText("Step 1: Message in the product").waitFor();
    await messages.getByText("the channel is off").first().waitFor();
  });
  await claim("an e-mail is seen as its reader sees it, and nothing in it runs", async () => {
    const html = await page.getByRole("link", { name: "As its reader sees it" }).first().getAttribute("href");
    const answer = await page.goto(html);
    expect(answer.headers()["content-security-policy"].includes("sandbox"), "its policy is its own");
    await page.getByRole("heading", { name: /contacts are in use/ }).waitFor();
    await page.screenshot({ path: `${folder}/mail.png` });
    await page.goBack();
  });
  await claim("two ids are compared, made one, and two again", async () => {
    for (const userId of ["pat-1", "pat-2"]) {
      await send("/v1/identify", { userId, anonymousId: "pats-tablet", traits: { email: `${userId}@pat.example` } });
    }
    await page.goto("/sources/identity");
    await page.getByLabel("One id").focus();
    await page.keyboard.type("pat-1");
    await page.getByLabel("The other").focus();
    await page.keyboard.type("pat-2");
    await page.keyboard.press("Enter");
    await page.getByText("pat-1 and pat-2 become one person").waitFor();
    await look(page, "two ids compared", true);
    await press(page, page.getByRole("button", { name: "Propose it" }));
    await page.getByRole("status").getByText("It is proposed").waitFor();
    await press(page, page.getByRole("button", { name: "Make it so: pat-1 and pat-2 are one" }));
    await page.getByRole("status").getByText("It is so from now on").waitFor();
    await press(page, page.getByRole("button", { name: "Undo: pat-1 and pat-2 are one" }));
    await page.getByRole("status").getByText("It is undone").waitFor();
  });
}
