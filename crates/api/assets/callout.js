/*
<wigwag-callout project="42" token="..." token-src="/wigwag-token" page="/acme/shop" theme="light|dark" target="_blank">

The banner of a failing hook. `token-src`, of the page's own origin, answers {"token"} and renews the embed token.
Attributes may change at any time. Asked of the server, beside this script:
  GET  v1/callouts?page=  {callouts: [{feature_name, scope, title, text, variant: "danger"|"warning", dismissible,
                          hooks: [{id}]}], words?: any of WORDS below}; 401 for a bad token only
  POST v1/callouts/{feature_name}/dismiss
  GET  v1/events          text/event-stream: `changed` when the callouts may be others; a comment every 30 s or less
  POST session            form fields `token`, each good once, and `hook_id`: opens the hook's page
All but the form send `Authorization: Bearer`; another origin needs CORS, for this module too. The page's
Content-Security-Policy needs the server in script-src, connect-src and form-action. Theming: the --wigwag- properties
and the parts below, slot "action".
*/

const SERVER = new URL('v1/', import.meta.url);
const SESSION = new URL('session', import.meta.url);

const BANNERS_MAX = 5;
const LINE_CHARACTERS_MAX = 65_536;
const ANSWER_MS_MAX = 10_000;
const WAIT_MS_MIN = 1_000;
/** The longest wait, so the poll; the longest silence of a stream; how long before its end a token is renewed. */
const MINUTE_MS = 60_000;

const WORDS = {
  open: 'See what failed',
  dismiss: 'Dismiss',
  undone: 'This could not be dismissed. Reload the page and try again.',
  danger: 'Danger',
  warning: 'Warning',
};

const DARK = `--_ink:#ececef;--_on:#1c1b20;
  --_da:#ff9d92;--_db:#2b1a1a;--_dl:#6b3531;--_wa:#f0bd5a;--_wb:#292114;--_wl:#5f4c22`;
const SHEET = new CSSStyleSheet();
SHEET.replaceSync(`
:host{display:none;--_ink:#28272d;--_on:#fff;
  --_da:#b0261c;--_db:#fdf4f3;--_dl:#eec5c0;--_wa:#8a5600;--_wb:#fdf7ea;--_wl:#e8d3a0}
:host([open]){display:block;margin:var(--wigwag-margin,0)}
@media (prefers-color-scheme:dark){:host(:not([theme=light])){${DARK}}}
:host([theme=dark]){${DARK}}
[hidden]{display:none!important}
[role=alert]{--_a:var(--wigwag-warning-accent,var(--_wa));--_b:var(--wigwag-warning-background,var(--_wb));
  --_l:var(--wigwag-warning-border,var(--_wl));
  box-sizing:border-box;display:flex;align-items:flex-start;gap:12px;padding:var(--wigwag-padding,12px 12px 12px 16px);
  border:1px solid var(--_l);border-inline-start:4px solid var(--_a);border-radius:var(--wigwag-radius,6px);
  background:var(--_b);color:var(--wigwag-color,var(--_ink));
  line-height:1.5;text-align:start;white-space:normal;overflow-wrap:anywhere}
[part~=danger]{--_a:var(--wigwag-danger-accent,var(--_da));--_b:var(--wigwag-danger-background,var(--_db));
  --_l:var(--wigwag-danger-border,var(--_dl))}
[role]+[role]{margin-block-start:8px}
svg{display:block;flex:none;width:20px;height:20px;fill:none;stroke:currentColor;stroke-width:1.75;
  stroke-linecap:round;stroke-linejoin:round}
[part=icon]{color:var(--_a);margin-block-start:calc(.75em - 10px)}
[part=body]{flex:1;min-width:0;display:flex;flex-wrap:wrap;align-items:center;gap:12px 24px}
[part=words]{flex:1 1 18em;min-width:0}
p{margin:0;max-width:96ch}
[part=title]{font-weight:600}
[part=undone]{color:var(--_a);margin-block-start:4px}
form{display:flex;flex-wrap:wrap;gap:8px;margin:0}
button{box-sizing:border-box;margin:0;font:inherit;line-height:20px;border:1px solid transparent;border-radius:4px;
  background:none;color:inherit;cursor:pointer}
[part=open]{padding:5px 12px;font-weight:600;border-color:var(--_a);color:var(--_a)}
[part=open]:hover{background:var(--_a);color:var(--wigwag-on-accent,var(--_on))}
[part=close]{flex:none;display:grid;place-items:center;width:32px;height:32px;padding:0;margin-block:calc(.75em - 16px);
  margin-inline-end:-4px}
[part=close]:hover{border-color:currentColor}
button:focus-visible{outline:2px solid var(--_a);outline-offset:2px}
@media (pointer:coarse){[part=open]{min-height:44px}
  [part=close]{width:44px;height:44px;margin-block:-6px;margin-inline-end:-8px}}
`);

const SHAPES = {
  danger: 'M6.7 2h6.6L18 6.7v6.6L13.3 18H6.7L2 13.3V6.7zM10 6v4.5m0 3.2v.1',
  warning: 'M10 2.8 18.2 17H1.8zM10 8v4m0 2.4v.1',
  close: 'M5.5 5.5l9 9m0-9l-9 9',
};

const make = (element, attributes, ...children) => {
  for (const name in attributes) element.setAttribute(name, attributes[name]);
  element.append(...children);
  return element;
};
const html = (name, attributes, ...children) => make(document.createElement(name), attributes, ...children);
const svg = (name, attributes, ...children) =>
  make(document.createElementNS('http://www.w3.org/2000/svg', name), attributes, ...children);

const write = (element, text) => {
  if (element.textContent !== text) element.textContent = text;
};

/** Built once and updated, so that the focus stays. */
class Banner {
  shape = svg('path');
  icon = svg('svg', { part: 'icon', viewBox: '0 0 20 20', role: 'img' }, this.shape);
  title = html('p', { part: 'title', dir: 'auto' });
  text = html('p', { part: 'text', dir: 'auto' });
  undone = html('p', { part: 'undone', hidden: '' });
  token = html('input', { type: 'hidden', name: 'token' });
  hook = html('input', { type: 'hidden', name: 'hook_id' });
  open = html('button', { part: 'open' });
  form = html('form', { method: 'post', action: SESSION }, this.token, this.hook, this.open,
    html('slot', { name: 'action' }));
  close = html('button', { part: 'close', type: 'button' },
    svg('svg', { viewBox: '0 0 20 20', 'aria-hidden': true }, svg('path', { d: SHAPES.close })));
  root = html('div', { role: 'alert', 'aria-atomic': true }, this.icon,
    html('div', { part: 'body' }, html('div', { part: 'words' }, this.title, this.text, this.undone), this.form),
    this.close);

  update({ feature_name, title, text, variant, dismissible, hooks }, words) {
    const tone = variant === 'danger' ? variant : 'warning';
    // An alert, but announced politely, and not again because a minute passed.
    const known = this.tone === tone && this.title.textContent === title;
    make(this.root, { 'aria-live': known ? 'off' : 'polite', part: `banner ${tone}` });
    this.undone.hidden ||= !known;
    this.feature = feature_name;
    this.tone = tone;
    this.hook.value = hooks?.[0]?.id ?? '';
    make(this.shape, { d: SHAPES[tone] });
    make(this.icon, { 'aria-label': words[tone] });
    write(this.title, title);
    write(this.text, text);
    write(this.open, words.open);
    write(this.undone, words.undone);
    make(this.close, { 'aria-label': words.dismiss, title: words.dismiss });
    this.close.hidden = dismissible === false;
  }
}

/** A signal that fires with `parent`, or when `within(ms)` ran out. `end()` in every case. */
const deadline = (parent) => {
  const own = new AbortController();
  const abort = () => own.abort();
  let timer;
  if (parent?.aborted) abort();
  parent?.addEventListener('abort', abort, { signal: own.signal });
  const within = (ms) => {
    clearTimeout(timer);
    timer = setTimeout(abort, ms);
  };
  within(ANSWER_MS_MAX);
  return { signal: own.signal, within, end: () => (clearTimeout(timer), abort()) };
};

/** Longer with each failure; half of it is chance, so that no crowd returns at once. */
const wait = (failures, signal) => new Promise((done) => {
  if (signal.aborted) return done();
  const ms = Math.min(MINUTE_MS, WAIT_MS_MIN * 2 ** failures) * (0.5 + Math.random() / 2);
  const timer = setTimeout(done, ms);
  signal.addEventListener('abort', () => (clearTimeout(timer), done()), { once: true });
});

/** Unproven: good enough to tell places apart and to renew in time. */
const claims = (token) => {
  try {
    return JSON.parse(atob(token.split('.')[1].replace(/-/g, '+').replace(/_/g, '/'))) ?? {};
  } catch {
    return {};
  }
};

class WigwagCallout extends HTMLElement {
  static observedAttributes = ['project', 'token', 'token-src', 'page'];
  #banners = new Map();
  #dismissing = new Set();
  #life = new AbortController();
  #scheduled;
  #place;
  #token;
  #spent;
  #renewedAt = -Infinity;
  #renewing;
  #loading;
  #again;
  #epoch = 0;
  #channel;

  constructor() {
    super();
    this.attachShadow({ mode: 'open' }).adoptedStyleSheets = [SHEET];
  }

  connectedCallback() {
    document.addEventListener('visibilitychange', this.#schedule);
    addEventListener('online', this.#schedule);
    this.#schedule();
  }

  disconnectedCallback() {
    document.removeEventListener('visibilitychange', this.#schedule);
    removeEventListener('online', this.#schedule);
    this.#life.abort();
  }

  attributeChangedCallback(name, before, now) {
    if (before === now) return;
    if (name === 'token') {
      this.#token = now;
      this.#spent = false;
    } else if (name !== 'page' && before !== null) {
      // Another place: nothing of the one before it stays.
      this.#token = this.hasAttribute('token-src') ? null : this.getAttribute('token');
      this.#place = null;
      this.#show([]);
    }
    this.#schedule();
  }

  #schedule = () => {
    if (this.#scheduled) return;
    this.#scheduled = true;
    queueMicrotask(() => {
      this.#scheduled = false;
      this.#life.abort();
      if (!this.isConnected || document.visibilityState === 'hidden') return;
      this.#life = new AbortController();
      this.#live(this.#life.signal);
    });
  };

  /* One stream a browser for a user and place: the visible tab that has the lock tells the others. No locks (no secure
     context): each visible tab polls. */

  async #live(signal) {
    for (let failures = 0; !(await this.#fresh()); failures++) {
      if (!this.hasAttribute('token-src')) return this.#show([]);
      await wait(failures, signal);
      if (signal.aborted) return;
    }
    if (signal.aborted) return;
    const { sub, project, group } = claims(this.#token);
    const place = JSON.stringify(['wigwag-callout', SERVER.href, sub, project, group, this.getAttribute('project')]);
    if (this.#place !== place) this.#show([]);
    this.#place = place;
    const channel = new BroadcastChannel(place);
    channel.onmessage = () => this.#load();
    this.#channel = channel;
    signal.addEventListener('abort', () => {
      channel.close();
      this.#channel = null;
    });
    const first = this.#load();
    try {
      await navigator.locks.request(place, { signal }, () => this.#lead(signal, first, 0));
    } catch {
      this.#lead(signal, first, Infinity);
    }
  }

  async #lead(signal, first, polling) {
    const tell = () => polling || this.#channel?.postMessage('changed');
    const news = () => (tell(), this.#load());
    let failures = polling;
    for (let answer = first; ; answer = this.#load()) {
      const reached = await answer;
      const held_ms = reached && !polling ? await this.#listen(signal, news) : 0;
      if (reached && !held_ms) tell();
      if (held_ms > MINUTE_MS) failures = polling;
      await wait(failures++, signal);
      if (signal.aborted) return;
    }
  }

  /** How long the stream held; 0 if it did not open. */
  async #listen(signal, changed) {
    const limit = deadline(signal);
    let since = Infinity;
    try {
      const answer = await this.#ask('events', limit.signal);
      if (!/^text\/event-stream/.test(answer.headers.get('content-type')) || !answer.ok) return 0;
      since = performance.now();
      changed();
      const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
      for (let rest = '', named = false; ;) {
        limit.within(MINUTE_MS);
        const { value, done } = await reader.read();
        if (done || rest.length > LINE_CHARACTERS_MAX) break;
        const lines = (rest + value).split(/\r?\n/);
        rest = lines.pop();
        for (const line of lines) {
          if (!line && named) changed();
          named = line && (named || /^event: ?changed$/.test(line));
        }
      }
    } catch {
      // Quiet.
    } finally {
      limit.end();
    }
    return Math.max(0, performance.now() - since);
  }

  /** One at a time, and once more if asked meanwhile. Whether the server answered. */
  #load() {
    this.#again = true;
    return (this.#loading ??= (async () => {
      let reached = await false;
      while (this.#again && !this.#life.signal.aborted) {
        this.#again = false;
        reached = await this.#loadOnce();
      }
      this.#loading = null;
      return reached;
    })());
  }

  async #loadOnce() {
    const epoch = this.#epoch;
    const place = this.#place;
    const limit = deadline(this.#life.signal);
    try {
      const page = this.getAttribute('page') ?? location.pathname;
      const answer = await this.#ask(`callouts?page=${encodeURIComponent(page)}`, limit.signal);
      if (!answer.ok) return false;
      const { callouts, words } = await answer.json();
      if (epoch !== this.#epoch) this.#again = true;
      else if (place === this.#place) this.#show(callouts, { ...WORDS, ...words });
      return true;
    } catch {
      return false;
    } finally {
      limit.end();
    }
  }

  async #ask(path, signal, init) {
    await this.#fresh();
    const send = () => fetch(new URL(path, SERVER), {
      cache: 'no-store',
      credentials: 'omit',
      redirect: 'error',
      headers: { Authorization: `Bearer ${this.#token}` },
      signal,
      ...init,
    });
    const answer = await send();
    if (answer.status !== 401) return answer;
    if (await this.#renew()) return send();
    if (!this.hasAttribute('token-src')) this.#life.abort();
    return answer;
  }

  #stale() {
    const left_ms = claims(this.#token).exp * 1000 - Date.now();
    return !this.#token || this.#spent || (left_ms < MINUTE_MS && performance.now() - this.#renewedAt > MINUTE_MS);
  }

  async #fresh() {
    if (this.#stale()) await this.#renew();
    return Boolean(this.#token);
  }

  #renew() {
    const source = this.getAttribute('token-src');
    if (!source) return false;
    return (this.#renewing ??= (async () => {
      const limit = deadline();
      try {
        const init = { mode: 'same-origin', credentials: 'same-origin', cache: 'no-store', signal: limit.signal };
        const { token } = await (await fetch(source, init)).json();
        if (typeof token !== 'string' || !token || source !== this.getAttribute('token-src')) return false;
        this.#token = token;
        this.#spent = false;
        this.#renewedAt = performance.now();
        return true;
      } catch {
        return false;
      } finally {
        limit.end();
        this.#renewing = null;
      }
    })());
  }

  #show(callouts, words) {
    const gone = new Set(this.#banners.keys());
    for (const callout of callouts.slice(0, BANNERS_MAX)) {
      const id = JSON.stringify([callout.feature_name, callout.scope]);
      gone.delete(id);
      const banner = this.#banners.get(id) ?? this.#add(id);
      banner.update(callout, words);
      banner.root.hidden = this.#dismissing.has(id);
      if (!banner.root.isConnected) this.shadowRoot.append(banner.root);
    }
    for (const id of gone) this.#remove(id);
    this.#reflect();
  }

  #add(id) {
    const banner = new Banner();
    banner.close.addEventListener('click', () => this.#dismiss(id, banner));
    banner.form.addEventListener('submit', (event) => this.#follow(event, banner));
    this.#banners.set(id, banner);
    return banner;
  }

  #remove(id) {
    this.#banners.get(id)?.root.remove();
    this.#banners.delete(id);
  }

  #reflect() {
    this.toggleAttribute('open', [...this.#banners.values()].some((banner) => !banner.root.hidden));
  }

  /** Hides at once; comes back if the server did not take it. */
  async #dismiss(id, banner) {
    this.#epoch++;
    this.#dismissing.add(id);
    banner.root.hidden = true;
    this.#reflect();
    const limit = deadline();
    let done = false;
    try {
      const path = `callouts/${encodeURIComponent(banner.feature)}/dismiss`;
      done = (await this.#ask(path, limit.signal, { method: 'POST', keepalive: true })).ok;
    } catch {
      // Undone below.
    }
    limit.end();
    this.#epoch++;
    this.#dismissing.delete(id);
    if (this.#banners.get(id) !== banner) return;
    if (done) {
      this.#remove(id);
      this.#channel?.postMessage('changed');
    } else {
      make(banner.root, { 'aria-live': 'polite' });
      banner.undone.hidden = banner.root.hidden = false;
    }
    this.#reflect();
    if (!done && document.activeElement === document.body) banner.close.focus({ preventScroll: true });
  }

  /** A real form post, which a strict policy allows. */
  async #follow(event, banner) {
    banner.form.target = this.getAttribute('target') ?? '';
    if (this.#stale() && this.hasAttribute('token-src')) {
      event.preventDefault();
      await this.#renew();
      banner.token.value = this.#token;
      banner.form.submit();
    } else {
      banner.token.value = this.#token;
    }
    this.#spent = true;
  }
}

if (!customElements.get('wigwag-callout')) customElements.define('wigwag-callout', WigwagCallout);
