// What the editor of a definition does more where scripts run: it tells what is wrong while somebody
// types, shows what a number would do while it is moved, indents by Tab and leaves by Escape. What is
// typed is kept on the server by each of these; without scripts the forms do the same.
"use strict";
(() => {
  const $ = (what, of = document) => of.querySelector(what);
  const all = (what, of = document) => [...of.querySelectorAll(what)];
  const TYPED = 600;
  const MOVED = 120;

  let asked = 0;
  let under;
  /** Sends a form and gives the page that answers; nothing if a later one was sent meanwhile. */
  async function send(url, body) {
    const mine = ++asked;
    under?.abort();
    under = new AbortController();
    try {
      const answer = await fetch(url, { method: "POST", body, headers: { accept: "text/html" }, signal: under.signal });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      return mine === asked && answer.ok ? page : undefined;
    } catch {
      return undefined;
    }
  }
  /** Puts the living parts of a page in place of this page's. */
  function take(page) {
    for (const old of all("[data-live]")) {
      const fresh = old.id && page.getElementById(old.id);
      if (!fresh || old.contains(document.activeElement)) continue;
      const open = all("details", old).map((it) => it.open);
      old.replaceChildren(...fresh.childNodes);
      all("details", old).forEach((it, at) => { it.open = open[at] ?? false; });
    }
    lines();
  }
  /** Brings line numbers and status to what was told last. */
  function lines() {
    const [gutter, told, status, summary] = [$("#gutter"), $("#live-gutter"), $("#status"), $("#live-summary")];
    if (gutter && told) gutter.replaceChildren(...[...told.childNodes].map((it) => it.cloneNode(true)));
    if (status && summary && $("span", status).textContent !== summary.textContent) {
      status.className = `who ${summary.dataset.class}`;
      $("use", status).setAttribute("href", `#i-${summary.dataset.icon}`);
      $("span", status).textContent = summary.textContent;
    }
  }

  // ------------------------------------------------------------------------------- a publication on its way

  /** Looks how far it is, without touching what is being written. */
  function follow() {
    const place = $("#live-publication[data-follow]");
    if (!place) return;
    setTimeout(async () => {
      try {
        const answer = await fetch(place.dataset.follow, { headers: { accept: "text/html" } });
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        const fresh = page.getElementById("live-publication");
        if (!answer.ok || !fresh) return;
        place.replaceChildren(...fresh.childNodes);
        if (!("again" in fresh.dataset)) delete place.dataset.follow;
      } catch { /* asked again in a moment */ }
      follow();
    }, 1000);
  }
  follow();

  // --------------------------------------------------------------------------------------- the text

  let soon;
  document.addEventListener("input", (event) => {
    const text = event.target;
    if (text.id === "text" && text.form?.dataset.check) {
      const count = text.value.split("\n").length;
      const gutter = $("#gutter");
      const shown = gutter.textContent.trimEnd().split("\n").length;
      for (let line = shown + 1; line <= count; line++) gutter.append(`${line}\n`);
      clearTimeout(soon);
      soon = setTimeout(async () => {
        const page = await send(text.form.dataset.check, new URLSearchParams(new FormData(text.form)));
        if (page) take(page);
      }, TYPED);
    } else if (text.id === "slide" && text.form) {
      const unit = /[^\d.]*$/.exec($("#live-at").textContent.trim())[0];
      $("#live-at").textContent = $("#live-at").textContent.replace(/[\d.]+[^\d.]*$/, `${text.value}${unit}`);
      clearTimeout(soon);
      soon = setTimeout(async () => {
        const page = await send(text.form.action, new URLSearchParams(new FormData(text.form)));
        if (!page) return;
        take(page);
        const [old, fresh] = [$("#text"), $("#text", page)];
        if (old && fresh) old.value = fresh.value;
      }, MOVED);
    }
  });

  document.addEventListener("keydown", (event) => {
    const text = event.target;
    if (event.key === "F8" && $("[data-editor]")) {
      event.preventDefault();
      next();
      return;
    }
    if (text.id !== "text" || !text.form?.dataset.check) return;
    if ((event.ctrlKey || event.metaKey) && event.key === "Enter") {
      event.preventDefault();
      text.form.requestSubmit();
    } else if (event.key === "Tab" && !event.ctrlKey && !event.altKey && !event.metaKey) {
      event.preventDefault();
      indent(text, event.shiftKey);
    } else if (event.key === "Escape") {
      // From here Tab goes on through the page.
      event.preventDefault();
      event.stopPropagation();
      $("#check-act").focus();
    }
  }, true);
  /** Moves the lines of a selection by two blanks; without one, adds two where the caret stands. */
  function indent(text, back) {
    const { selectionStart: from, selectionEnd: to, value } = text;
    if (from === to && !back) {
      text.setRangeText("  ", from, to, "end");
    } else {
      const begin = value.lastIndexOf("\n", from - 1) + 1;
      const part = value.slice(begin, to);
      const moved = back ? part.replace(/^ {1,2}/gm, "") : part.replace(/^/gm, "  ");
      text.setRangeText(moved, begin, to, "select");
    }
    text.dispatchEvent(new Event("input", { bubbles: true }));
  }
  /** Puts the caret where the next thing is wrong. */
  function next() {
    const text = $("#text");
    const bytes = new TextEncoder();
    const places = all(".diagnostic[data-at]").map((it) => Number(it.dataset.at));
    if (!places.length) return;
    const now = document.activeElement === text ? bytes.encode(text.value.slice(0, text.selectionStart)).length : -1;
    const at = places.find((it) => it > now) ?? places[0];
    const before = new TextDecoder().decode(bytes.encode(text.value).slice(0, at));
    text.focus();
    text.setSelectionRange(before.length, before.length);
  }

  for (const it of all("[data-scripted]")) it.hidden = false;
})();
