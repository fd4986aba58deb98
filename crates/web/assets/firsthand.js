/* Firsthand: messages inside the product. docs/in-app.md says how to use it. Apache-2.0. */
(() => {
  "use strict";
  if (window.firsthand) return;

  const OWN = document.currentScript;
  const FIRST_WAIT_MS = 1000, LONGEST_WAIT_MS = 60000, POLL_MS = 20000;
  // The server says something every 15 seconds; a proxy that keeps it back is no way to listen.
  const FIRST_WORD_MS = 6000, SILENCE_MS = 40000;

  const WORDS = {
    en: { about: "About your plan", close: "Not now", hide: "Not now, hide this message", used: "{used} of {limit} {meter} used", steps: "{done} of {all} steps done", done: "Done: ", open: "To do: " },
    "zh-Hans": { about: "关于您的套餐", close: "以后再说", hide: "以后再说，隐藏此消息", used: "{meter}：已用 {used} / {limit}", steps: "已完成 {done} / {all} 步", done: "已完成：", open: "待完成：" },
    "zh-Hant": { about: "關於您的方案", close: "以後再說", hide: "以後再說，隱藏此訊息", used: "{meter}：已用 {used} / {limit}", steps: "已完成 {done} / {all} 步", done: "已完成：", open: "待完成：" },
  };

  const STYLE = `
    :host { all: initial !important; display: block !important; font-family: inherit !important;
      color-scheme: var(--firsthand-scheme, inherit) !important; }
    :host([floating]) { position: fixed !important; inset: auto 0 0 0 !important; z-index: 2147483000 !important;
      pointer-events: none !important; }
    @media print { :host { display: none !important; } }
    * { box-sizing: border-box; }
    .tray { display: grid; gap: 12px; justify-items: end; }
    :host([floating]) .tray { padding: 48px 16px 16px; max-height: 100vh; overflow: auto; overscroll-behavior: contain; }
    .card { --accent: var(--firsthand-accent, light-dark(#1f2933, #e8ebee));
      --on-accent: var(--firsthand-on-accent, light-dark(#ffffff, #15181c));
      --radius: var(--firsthand-radius, 8px);
      --ink: light-dark(#1b1f24, #eef0f2); --quiet: light-dark(#59626d, #a4adb8);
      --line: light-dark(#dfe3e8, #363d46); --bar: light-dark(#e6e9ed, #363d46); --warm: light-dark(#b46d06, #e0a030);
      pointer-events: auto; position: relative; margin: 0; color: var(--ink); background: light-dark(#ffffff, #1d2126);
      border: 1px solid var(--line); border-radius: var(--radius); font-size: 14px; line-height: 1.45; text-align: start;
      overflow-wrap: break-word; }
    .banner { display: grid; grid-template-columns: auto minmax(0, 1fr) auto auto; align-items: center; gap: 4px 16px;
      width: 100%; padding: 12px 16px; }
    :host([floating]) .banner { order: 1; max-width: 880px; margin-inline: auto; }
    .words { grid-column: 2; }
    .checklist { display: grid; gap: 14px; width: min(360px, 100%); padding: 20px; border-radius: calc(var(--radius) + 4px); }
    :host([floating]) .card { box-shadow: 0 12px 32px rgb(10 14 20 / 18%), 0 2px 6px rgb(10 14 20 / 10%); }
    dialog.card { width: min(448px, 100vw - 32px); max-height: calc(100vh - 32px); margin: auto; padding: 24px;
      border-radius: calc(var(--radius) + 6px); overflow: auto; overscroll-behavior: contain;
      box-shadow: 0 24px 64px rgb(10 14 20 / 24%), 0 2px 8px rgb(10 14 20 / 10%); }
    dialog[open] { display: grid; gap: 16px; }
    dialog::backdrop { background: rgb(10 14 20 / 45%); }
    h2, p, ul { margin: 0; padding: 0; }
    h2 { font-size: 18px; font-weight: 600; letter-spacing: -.01em; line-height: 1.3; }
    .checklist h2 { font-size: 16px; padding-inline-end: 32px; }
    b { font-weight: 600; }
    p + p { margin-top: 8px; }
    .banner p + p { margin-top: 2px; }
    .quiet { color: var(--quiet); font-size: 13px; }
    ul { display: grid; gap: 8px; list-style: none; }
    li { display: grid; grid-template-columns: 16px minmax(0, 1fr); gap: 10px; }
    li svg { margin-top: 2px; color: var(--accent); }
    .isdone { color: var(--quiet); }
    svg { display: block; fill: none; stroke: currentColor; stroke-width: 1.5; stroke-linecap: round; stroke-linejoin: round; }
    .ring { stroke-width: 4; } .ring .base { stroke: var(--bar); } .ring .part { stroke: var(--warm); }
    .meter { stroke: none; margin-bottom: 8px; } .meter .base { fill: var(--bar); } .meter .part { fill: var(--warm); }
    .steps .part { fill: var(--accent); }
    .actions { display: flex; flex-wrap: wrap; gap: 8px; }
    .button { display: inline-flex; align-items: center; justify-content: center; min-height: 36px; padding: 6px 14px; cursor: pointer;
      border: 1px solid transparent; border-radius: max(var(--radius) - 2px, 0px); background: var(--accent); color: var(--on-accent);
      font: inherit; font-weight: 600; text-align: center; text-decoration: none; }
    .button:hover { filter: brightness(1.1); }
    .plain { border-color: var(--line); background: none; color: var(--ink); font-weight: 500; }
    .close { display: grid; place-items: center; width: 36px; height: 36px; padding: 0; border: 1px solid transparent; cursor: pointer;
      border-radius: max(var(--radius) - 2px, 0px); background: none; color: var(--quiet); }
    .close:hover { color: var(--ink); background: var(--bar); }
    .checklist .close { position: absolute; inset-block-start: 12px; inset-inline-end: 12px; }
    :focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
    h2:focus-visible { outline: 0; }
    .unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
    @media (max-width: 640px) {
      .banner { grid-template-columns: auto minmax(0, 1fr) auto; align-items: start; }
      .banner .button { grid-column: 2 / -1; grid-row: 2; justify-self: start; margin-top: 6px; }
      .banner .close { grid-column: 3; grid-row: 1; margin: -6px -8px 0 0; }
      .checklist { width: 100%; }
      dialog .button { flex: 1 1 auto; }
    }
    @media (prefers-reduced-motion: no-preference) {
      .card, dialog::backdrop { animation: come 140ms ease-out; }
      @keyframes come { from { opacity: 0; } }
    }
    @media (forced-colors: active) {
      .ring .part { stroke: Highlight; } .meter .part, .steps .part { fill: Highlight; }
      .ring .base { stroke: Canvas; } .meter .base { fill: Canvas; stroke: CanvasText; }
      .button, .close { border-color: ButtonText; }
    }`;

  /** Makes an element. Attributes that are `null` or `false` are left out. */
  function make(name, attributes, ...children) {
    const drawn = ["svg", "path", "rect", "circle"].includes(name);
    const element = drawn ? document.createElementNS("http://www.w3.org/2000/svg", name) : document.createElement(name);
    for (const [key, value] of Object.entries(attributes ?? {})) {
      if (value !== null && value !== false) element.setAttribute(key, value === true ? "" : value);
    }
    element.append(...children.filter((it) => it != null));
    return element;
  }

  const icon = (path) => make("svg", { width: 16, height: 16, viewBox: "0 0 16 16", "aria-hidden": "true" }, make("path", { d: path }));
  const CHECK = "m3 8.5 3.25 3.25L13 4.75", CROSS = "m4 4 8 8M12 4l-8 8", CIRCLE = "M8 2.5a5.5 5.5 0 1 1 0 11 5.5 5.5 0 0 1 0-11z";

  function bar(share, kind) {
    const part = { height: 8, rx: 4 };
    const width = Math.min(Math.max(share, 0), 1) * 100;
    return make("svg", { class: `meter ${kind}`, width: "100%", height: 8, "aria-hidden": "true" },
      make("rect", { ...part, class: "base", width: "100%" }), make("rect", { ...part, class: "part", width: `${width}%` }));
  }

  function ring(share) {
    const circle = { cx: 20, cy: 20, r: 16 };
    const arc = `${Math.min(Math.max(share, 0), 1) * 100} 100`;
    return make("svg", { class: "ring", width: 40, height: 40, viewBox: "0 0 40 40", "aria-hidden": "true" },
      make("circle", { ...circle, class: "base" }),
      make("circle", { ...circle, class: "part", pathLength: 100, "stroke-dasharray": arc, transform: "rotate(-90 20 20)" }));
  }

  /** The script's own words, in the language of the message. */
  function wordsFor(language) {
    const [main, ...rest] = language.toLowerCase().split("-");
    if (main !== "zh") return WORDS.en;
    return rest.some((it) => ["hant", "tw", "hk", "mo"].includes(it)) ? WORDS["zh-Hant"] : WORDS["zh-Hans"];
  }

  const filled = (words, values) => words.replace(/\{(\w+)\}/g, (_, name) => values[name]);
  const paragraphs = (text) => text.split(/\n\s*\n/).filter((it) => it.trim()).map((it) => make("p", null, it.trim()));

  /** Where an action leads; nothing but the web and mail is followed. */
  function safe(url) {
    try {
      const to = new URL(url, location.href);
      return ["http:", "https:", "mailto:"].includes(to.protocol) ? to.href : null;
    } catch {
      return null;
    }
  }

  /** Everything that can be shown, by form: each makes the card of a message. */
  const FORMS = {
    banner({ message, words, action, close }) {
      const { usage, title, body, points } = message;
      const figures = usage && !(title + body).includes(usage.used) ? [filled(words.used, usage)] : [];
      const more = [...figures, ...points.map((it) => it.text)].slice(0, 2);
      return make("section", { class: "card banner", "aria-label": words.about, lang: message.language },
        usage && ring(usage.share),
        make("div", { class: "words" }, make("p", null, make("b", null, title)), ...paragraphs(body),
          ...more.map((it) => make("p", { class: "quiet" }, it))),
        action(), close());
    },
    modal({ message, words, action, later }) {
      const { usage, title, body, points } = message;
      return make("dialog", { class: "card", "aria-labelledby": "title", lang: message.language },
        make("h2", { id: "title", tabindex: -1, autofocus: true }, title),
        usage && make("div", null, bar(usage.share, ""), make("p", { class: "quiet" }, filled(words.used, usage))),
        body.trim() ? make("div", null, ...paragraphs(body)) : null,
        points.length ? make("ul", { role: "list" }, ...points.map((it) => step(it, words))) : null,
        make("div", { class: "actions" }, action(), later()));
    },
    checklist({ message, words, action, close }) {
      const { title, body, points } = message;
      const steps = points.filter((it) => it.done !== null);
      const done = steps.filter((it) => it.done).length;
      return make("section", { class: "card checklist", "aria-labelledby": "title", lang: message.language },
        make("h2", { id: "title" }, title),
        steps.length
          ? make("div", null, bar(done / steps.length, "steps"), make("p", { class: "quiet" }, filled(words.steps, { done, all: steps.length })))
          : null,
        body.trim() ? make("div", null, ...paragraphs(body)) : null,
        make("ul", { role: "list" }, ...points.map((it) => step(it, words))),
        make("div", { class: "actions" }, action()), close());
    },
  };

  function step({ text, done }, words) {
    const said = done === null ? null : make("span", { class: "unseen" }, done ? words.done : words.open);
    return make("li", { class: done ? "isdone" : null }, icon(done === false ? CIRCLE : CHECK), make("span", null, said ?? "", text));
  }

  /** Keeps Tab inside a dialog, also from leaving to the browser's own buttons. */
  function keepFocus(event, root, dialog) {
    if (event.key !== "Tab") return;
    const stops = [...dialog.querySelectorAll("a[href], button")];
    const at = stops.indexOf(root.activeElement);
    const to = event.shiftKey ? (at <= 0 ? stops.length : at) - 1 : (at + 1) % stops.length;
    event.preventDefault();
    stops[to]?.focus();
  }

  /** Shows messages until it is ended, and tells what is done with them. */
  class Display {
    #tell;
    #latest = [];
    #shown = new Map();
    #gone = new Set();
    #tray = null;
    #first = true;
    #ended = false;
    #again = () => setTimeout(() => this.#draw());

    constructor(tell) {
      this.#tell = tell;
      document.addEventListener("focusout", this.#again);
    }

    /** Shows what is to be shown, and takes away what is not any more. */
    show(messages) {
      this.#latest = messages;
      this.#draw();
      this.#first = false;
    }

    end() {
      document.removeEventListener("focusout", this.#again);
      this.#ended = true;
      for (const { leave } of [...this.#shown.values()]) leave();
    }

    #draw() {
      if (this.#ended) return;
      const wanted = new Map();
      for (const it of this.#latest) {
        // One of each form at a time; a form that this script does not know is for another one.
        if (FORMS[it.form] && !this.#gone.has(it.id) && !wanted.has(it.form)) wanted.set(it.form, it);
      }
      for (const [form, { id, card, leave }] of this.#shown) {
        if (wanted.get(form)?.id !== id || !card.isConnected) leave();
      }
      for (const [form, message] of wanted) {
        if (!this.#shown.has(form) && !(form === "modal" && writing())) this.#place(form, message);
      }
    }

    /** A place of our own in the page, which its styles do not reach. */
    #host(parent, floating) {
      const host = make("firsthand-message", { floating });
      const root = host.attachShadow({ mode: "open" });
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(STYLE);
      root.adoptedStyleSheets = [sheet];
      const tray = make("div", { class: "tray" });
      root.append(make("div", { class: "unseen", role: "status" }), tray);
      parent.append(host);
      return { host, root, tray };
    }

    #place(form, { id, shown, ...message }) {
      const words = wordsFor(message.language);
      const put = (act) => {
        this.#gone.add(id);
        leave();
        this.#tell(id, act);
        this.#again();
      };
      const button = (attributes, ...children) => {
        const made = make("button", { type: "button", ...attributes }, ...children);
        made.addEventListener("click", () => put("dismissed"));
        return made;
      };
      const action = () => {
        const url = message.action && safe(message.action.url);
        if (!url) return null;
        const link = make("a", { class: "button", href: url }, message.action.label);
        link.addEventListener("click", (event) => {
          // A page that finds its own way there says so by preventing this event.
          const told = new CustomEvent("firsthand:action", { detail: { message: id, url }, cancelable: true });
          if (!document.dispatchEvent(told)) event.preventDefault();
          put("clicked");
        });
        return link;
      };
      const card = FORMS[form]({
        message, words, action,
        close: () => button({ class: "close", "aria-label": words.hide }, icon(CROSS)),
        later: () => button({ class: "button plain" }, words.close),
      });

      // What comes with the page has its place in the page; what comes later moves nothing.
      const place = this.#first && form !== "modal" && document.querySelector("[data-firsthand]");
      const floats = !place && form !== "modal";
      if (floats && !this.#tray?.host.isConnected) this.#tray = this.#host(document.documentElement, true);
      const { host, root, tray } = floats ? this.#tray : this.#host(place || document.documentElement, false);

      const seen = new IntersectionObserver((entries) => {
        if (!entries.some((it) => it.isIntersecting)) return;
        seen.disconnect();
        if (!shown) this.#tell(id, "shown");
      }, { threshold: 0.5 });
      const leave = () => {
        this.#shown.delete(form);
        seen.disconnect();
        if (card.open) card.close(); // Gives the focus back to where it was.
        card.remove();
        if (!tray.childElementCount) host.remove();
      };
      this.#shown.set(form, { id, card, leave });
      tray.append(card);
      if (form === "modal") {
        card.addEventListener("cancel", (event) => {
          event.preventDefault();
          put("dismissed");
        });
        card.addEventListener("keydown", (event) => keepFocus(event, root, card));
        card.showModal();
      } else {
        // Said aloud once the region is known: what is there from the start is not.
        setTimeout(() => root.querySelector("[role=status]").replaceChildren(make("span", { lang: message.language }, message.title)), 200);
      }
      seen.observe(card);
    }
  }

  /** Whether the person is writing something: no dialog comes in between. */
  function writing() {
    let at = document.activeElement;
    while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
    return Boolean(at?.isContentEditable || at?.matches("input:not([type=button], [type=submit], [type=checkbox], [type=radio]), textarea, select"));
  }

  const sleep = (ms, signal) => new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal?.addEventListener("abort", () => { clearTimeout(timer); resolve(); }, { once: true });
  });

  /** A connection to the server for one reader. */
  class Connection {
    #server;
    #source;
    #token = null;
    #listening = null;
    #display;
    #look = () => (document.visibilityState === "visible" ? this.#begin() : this.#pause());

    constructor(server, source) {
      this.#server = server;
      this.#source = source;
      this.#display = new Display((message, act) => this.#tell(message, act));
      document.addEventListener("visibilitychange", this.#look);
      this.#look();
    }

    end() {
      document.removeEventListener("visibilitychange", this.#look);
      this.#pause();
      this.#display.end();
    }

    /** Asks the server, with a fresh token if the one at hand has run out. */
    async #ask(path, options = {}) {
      for (let fresh = false; ; fresh = true) {
        if (!this.#token) {
          fresh = true;
          this.#token = (await this.#source())?.trim();
        }
        if (!this.#token) return null; // Nobody is signed in.
        const headers = { ...options.headers, Authorization: `Bearer ${this.#token}` };
        const answer = await fetch(this.#server + path, { ...options, headers, credentials: "omit", cache: "no-store" });
        if (answer.status !== 401) return answer;
        this.#token = null;
        if (fresh) return answer;
      }
    }

    /** Says what was done with a message; it is said again if it was not heard. */
    async #tell(message, act) {
      const body = JSON.stringify({ message, act });
      const options = { method: "POST", headers: { "Content-Type": "application/json" }, body, keepalive: true };
      for (let wait = FIRST_WAIT_MS; wait <= LONGEST_WAIT_MS; wait *= 3) {
        try {
          const answer = await this.#ask("acts", options);
          if (!answer || (answer.status < 500 && answer.status !== 429)) return;
        } catch { /* Not heard. */ }
        await sleep(wait);
      }
    }

    async #begin() {
      if (this.#listening) return;
      const { signal } = (this.#listening = new AbortController());
      for (let wait = FIRST_WAIT_MS; !signal.aborted; wait = Math.min(wait * 2, LONGEST_WAIT_MS)) {
        try {
          if (await this.#listen(signal)) {
            // Streams end with their token.
            [wait, this.#token] = [FIRST_WAIT_MS, null];
          } else {
            const answer = await this.#ask("messages", { signal });
            if (!answer || answer.status === 401) return;
            if (answer.ok) this.#display.show((await answer.json()).items);
            const again = 1000 * Number(answer.headers.get("Retry-After"));
            wait = Math.max(answer.ok ? POLL_MS : wait, again);
          }
        } catch { /* The network is away; it is tried again. */ }
        await sleep(wait * (0.5 + Math.random()), signal);
      }
    }

    #pause() {
      this.#listening?.abort();
      this.#listening = null;
    }

    /** Listens until the stream ends. Returns whether it said anything at all. */
    async #listen(signal) {
      const stop = new AbortController();
      const pass = () => stop.abort();
      signal.addEventListener("abort", pass, { once: true });
      let timer = setTimeout(pass, FIRST_WORD_MS), heard = false;
      try {
        const answer = await this.#ask("stream", { signal: stop.signal });
        if (!answer?.ok || !answer.body) return false;
        const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
        for (let kept = ""; ; ) {
          const { value, done } = await reader.read();
          if (done) return heard;
          heard = true;
          clearTimeout(timer);
          timer = setTimeout(pass, SILENCE_MS);
          const events = (kept + value).split("\n\n");
          kept = events.pop();
          for (const event of events) {
            const data = event.split("\n").filter((it) => it.startsWith("data:")).map((it) => it.slice(5)).join("\n");
            if (data) this.#display.show(JSON.parse(data).items);
          }
        }
      } catch {
        return heard; // Cut off, kept back, or not let through.
      } finally {
        clearTimeout(timer);
        stop.abort();
        signal.removeEventListener("abort", pass);
      }
    }
  }

  let connection = null;
  const atUrl = (url) => async () => {
    const answer = await fetch(url, { cache: "no-store" });
    if (!answer.ok) return null;
    const text = await answer.text();
    return text.startsWith("{") ? JSON.parse(text).token : text;
  };

  window.firsthand = Object.freeze({
    /** Shows messages to the person whom the token names: `token` is a function that gives one, or the address of one. */
    start({ token, server = OWN?.src }) {
      connection?.end();
      const source = typeof token === "function" ? async () => token() : atUrl(token);
      connection = new Connection(new URL("api/v1/in-app/", new URL(server, location.href)).href, source);
    },
    /** Takes all messages away, as when the person signs out. */
    stop() {
      connection?.end();
      connection = null;
    },
  });

  if (OWN?.dataset.tokenUrl) window.firsthand.start({ token: OWN.dataset.tokenUrl });
})();
