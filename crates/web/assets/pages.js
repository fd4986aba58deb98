// What the pages do more where scripts run. Without it they do all the same: every act is a form, every
// place a link. It adds keys, sends forms without leaving the place, and tells of leads that arrive.
"use strict";
(() => {
  const $ = (what, of = document) => of.querySelector(what);
  const all = (what, of = document) => [...of.querySelectorAll(what)];
  const SEEN = "firsthand-leads";

  // ---------------------------------------------------------------- replacing the page's inside

  let asked = 0;
  /** Fetches a page of ours and puts its inside in place of this one's; what had the focus keeps it. */
  async function part(url, options, keep) {
    const mine = ++asked;
    const typed = document.activeElement?.value;
    let page;
    try {
      const answer = await fetch(url, { ...options, headers: { accept: "text/html" } });
      const type = answer.headers.get("content-type") || "";
      if (!type.startsWith("text/html")) throw new Error("no page");
      page = new DOMParser().parseFromString(await answer.text(), "text/html");
      if (!$("main.sheet", page)) throw new Error("another kind of page");
      url = answer.url;
    } catch {
      // The browser shows what is wrong better than this script can.
      if (keep.form && options) {
        delete keep.form.dataset.part;
        keep.form.requestSubmit(keep.button);
      } else location.assign(url);
      return;
    }
    if (mine !== asked) return;
    const focus = document.activeElement;
    const was = focus && focus.id;
    const selection = was && "selectionStart" in focus && focus.type !== "range" ? focus.selectionStart : null;
    // What was typed while the answer came.
    const more = was && focus.type === "search" && focus.value !== typed ? focus.value : null;
    const open = keep.stay ? all("main [popover]:popover-open").map((it) => it.id) : [];
    const row = current() && current().dataset.lead;
    const place = rows().indexOf(current());
    const drafts = all("main textarea").filter((it) => it.value && it !== keep.sent).map((it) => [it.id, it.value]);
    for (const what of ["main", "nav.nav", "#toasts"]) {
      const [old, fresh] = [$(what), $(what, page)];
      if (old && fresh) old.replaceChildren(...fresh.childNodes);
    }
    document.title = page.title;
    if (url !== location.href) history[keep.push ? "pushState" : "replaceState"](null, "", url);
    for (const [id, value] of drafts) if (id && document.getElementById(id)) document.getElementById(id).value = value;
    begin();
    if (row) choose(rows().find((it) => it.dataset.lead === row) || rows()[Math.min(place, rows().length - 1)], false);
    for (const id of open) document.getElementById(id)?.showPopover();
    const again = was && document.getElementById(was);
    if (again) {
      if (more !== null) {
        again.value = more;
        again.dispatchEvent(new Event("input", { bubbles: true }));
      }
      again.focus({ preventScroll: true });
      if (selection !== null && again.setSelectionRange) try { again.setSelectionRange(selection, selection); } catch { /* no text field */ }
    } else if (keep.focus) $("main h1").focus({ preventScroll: true });
  }

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!("part" in form.dataset) || event.defaultPrevented) return;
    event.preventDefault();
    const data = new URLSearchParams(new FormData(form, event.submitter));
    if (form.method === "post") {
      const sent = $("textarea", form);
      part(form.action, { method: "POST", body: data }, { form, button: event.submitter, sent });
    } else {
      const to = new URL(form.action);
      to.search = data;
      part(to.href, undefined, { form, push: true, stay: !event.submitter });
    }
  });
  document.addEventListener("click", (event) => {
    const closing = event.target.closest("[data-close]");
    if (closing) closing.closest(".toast").remove();
    const link = event.target.closest("a[data-part]");
    if (!link || event.metaKey || event.ctrlKey || event.shiftKey || event.button) return;
    event.preventDefault();
    part(link.href, undefined, { push: true, focus: true });
  });
  let soon;
  document.addEventListener("input", (event) => {
    const form = event.target.form;
    if (!form || form.dataset.part !== "auto") return;
    clearTimeout(soon);
    soon = setTimeout(() => form.requestSubmit(), event.target.type === "search" ? 300 : 0);
  });
  addEventListener("popstate", () => part(location.href, undefined, {}));

  // ------------------------------------------------------------------------------------- the inbox

  const rows = () => all("tr.lead");
  const current = () => $("tr.lead.is-current");
  function choose(row, scroll = true) {
    if (!row) return;
    for (const it of rows()) {
      it.classList.toggle("is-current", it === row);
      if (it === row) it.setAttribute("aria-current", "true");
      else it.removeAttribute("aria-current");
    }
    if (scroll) {
      row.scrollIntoView({ block: "nearest" });
      $("a", row).focus({ preventScroll: true });
    }
  }
  function step(by) {
    const list = rows();
    if (list.length) {
      const at = list.indexOf(current());
      choose(list[at < 0 ? 0 : Math.max(0, Math.min(list.length - 1, at + by))]);
      return;
    }
    // On one lead: the next of the list that it was opened from.
    const ids = JSON.parse(sessionStorage.getItem(SEEN) || "[]");
    const next = ids[ids.indexOf(location.pathname.split("/")[2]) + by];
    if (ids.includes(location.pathname.split("/")[2]) && next) location.assign(`/leads/${next}`);
  }

  let arrived = 0;
  let listening;
  /** Tells of leads that open, without moving what is on the page. */
  function listen() {
    if (listening || !$("#arrived")) return;
    listening = new EventSource("/leads/events");
    listening.addEventListener("opened", () => tell(++arrived));
    listening.addEventListener("reset", () => tell(++arrived));
  }
  addEventListener("pagehide", () => {
    listening?.close();
    listening = undefined;
  });
  addEventListener("pageshow", (event) => event.persisted && listen());
  function tell(count) {
    const notice = $("#arrived");
    if (!notice) return;
    const text = count === 1 ? notice.dataset.one : notice.dataset.many;
    $("p", notice).textContent = text.replace("{n}", count);
    $("a", notice).href = location.href;
    notice.hidden = false;
  }

  // -------------------------------------------------------------------------------------- the keys

  let going = false;
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const key = event.key;
    if (key === "Escape" && event.target.matches("input, textarea, select")) event.target.blur();
    if (event.target.matches("input:not([type=checkbox], [type=radio]), textarea, select")) return;
    const act = (element) => {
      if (!element) return false;
      event.preventDefault();
      if (element.matches("input, textarea")) element.focus();
      else if (element.matches("summary")) {
        element.parentElement.open = true;
        $("input:checked, select, textarea", element.parentElement).focus();
      } else element.click();
      return true;
    };
    if (going) {
      going = false;
      if (act($(`[data-go="${CSS.escape(key)}"]`))) return;
    }
    if (key === "g") { going = true; return; }
    if (key === "j" || key === "k") { event.preventDefault(); step(key === "j" ? 1 : -1); return; }
    if (key === "x" && current()) {
      const pick = $(".pick input", current());
      pick?.click();
      act(pick);
      return;
    }
    if (key === "?") { keys(); return; }
    const row = current();
    if (row && act($(`[data-row-key="${CSS.escape(key)}"]`, row))) return;
    act($(`[data-key="${CSS.escape(key)}"]`));
  });
  /** Shows or hides what the keys do. */
  function keys() {
    const footer = $("footer.keys");
    if (!footer) return;
    footer.classList.toggle("is-open");
    footer.scrollIntoView({ block: "nearest" });
  }

  // ------------------------------------------------------------------------------------- beginning

  let again;
  /** Sets up what is new on the page. */
  function begin() {
    for (const it of all(".keys, [data-close]")) it.hidden = false;
    $("main h1")?.setAttribute("tabindex", "-1");
    if (rows().length) {
      sessionStorage.setItem(SEEN, JSON.stringify(rows().map((it) => it.dataset.lead)));
      sessionStorage.setItem(`${SEEN}-list`, location.href);
    }
    // What goes on by itself is looked at again.
    clearTimeout(again);
    const on = $("[data-again]");
    if (on) again = setTimeout(() => part(location.href, undefined, { stay: true }), Number(on.dataset.again));
    const back = $("[data-back]");
    const list = sessionStorage.getItem(`${SEEN}-list`);
    if (back && list) back.href = list;
    if (!rows().length && !$("#arrived")) return;
    arrived = 0;
    listen();
  }
  begin();
})();
