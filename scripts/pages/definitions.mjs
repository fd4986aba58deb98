// What people do with definitions beside writing them. See pages.mjs.

/** Tries it. */
export async function work({ page, plain, claim, expect }) {
  await claim("the list of definitions says in words how each fares", async () => {
    for (const it of [page, plain]) {
      await it.goto("/definitions");
      // Where everybody is still being judged, the page comes back by itself.
      await it.getByText(/^(All definitions fare|\d+ definitions? (is|are) to be looked at)/).waitFor({ timeout: 60_000 });
      const row = it.getByRole("row").filter({ hasText: "team-near-limit" });
      await row.getByRole("img", { name: /^Entries a week over 12 full weeks up to .+: (\d+, ){11}\d+$/ }).waitFor();
      const words = await row.textContent();
      expect(/usual|too few to say/.test(words), `its pace in words: ${words}`);
      expect(/of \d+, before publication|since published/.test(words), `its precision with its base: ${words}`);
    }
  });
}
