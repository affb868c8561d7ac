// The command box of the console: what could stand where the cursor is, and what was run before. Without script it is a
// plain box, and the form does the rest.

const box = document.querySelector('#text');
const list = document.querySelector('#completions');
const told = document.querySelector('#completions-told');
const past = [...document.querySelectorAll('input[name=past]')].map((input) => input.value.slice(1));
/** So long after a key nothing is asked yet: whoever types on asks only once. */
const REST_MS = 60;

let offers = [];
let chosen = -1;
let waits, asking;
// Where one is in what was run before; -1 is the line that is being typed.
let back = -1;
let typed = '';

const option = (index) => list.children[index];

const choose = (index) => {
  option(chosen)?.setAttribute('aria-selected', 'false');
  chosen = index;
  const now = option(chosen);
  if (now) {
    now.setAttribute('aria-selected', 'true');
    now.scrollIntoView({ block: 'nearest' });
    box.setAttribute('aria-activedescendant', now.id);
  } else {
    box.removeAttribute('aria-activedescendant');
  }
};

const close = () => {
  clearTimeout(waits);
  asking?.abort();
  offers = [];
  choose(-1);
  list.hidden = true;
  list.replaceChildren();
  box.setAttribute('aria-expanded', 'false');
  told.textContent = '';
};

const show = (found) => {
  close();
  offers = found;
  if (offers.length === 0) return;
  list.replaceChildren(...offers.map(({ word, help }, index) => {
    const item = Object.assign(document.createElement('li'), { id: `completion-${index}` });
    item.setAttribute('role', 'option');
    item.setAttribute('aria-selected', 'false');
    item.append(Object.assign(document.createElement('code'), { textContent: word }));
    if (help) item.append(' ', Object.assign(document.createElement('span'), { className: 'hint', textContent: help }));
    // Before the box loses the focus.
    item.addEventListener('mousedown', (event) => {
      event.preventDefault();
      accept(index);
    });
    return item;
  }));
  list.hidden = false;
  box.setAttribute('aria-expanded', 'true');
  told.textContent = offers.length === 1 ? '1 suggestion' : `${offers.length} suggestions`;
};

const ask = () => {
  clearTimeout(waits);
  asking?.abort();
  waits = setTimeout(async () => {
    asking = new AbortController();
    const [before, after] = [box.value.slice(0, box.selectionStart), box.value.slice(box.selectionEnd)];
    try {
      const query = new URLSearchParams({ before, after });
      const answer = await fetch(`/-/console/complete?${query}`, { signal: asking.signal });
      const found = answer.ok ? await answer.json() : [];
      // What was asked of another line is no answer to this one.
      if (document.activeElement === box && box.value === before + after) show(found);
    } catch {
      // Overtaken by the next key, or the server is away: the box works without.
    }
  }, REST_MS);
};

const put = (value, caret) => {
  box.value = value;
  box.setSelectionRange(caret, caret);
};

const accept = (index) => {
  const { before, after } = offers[index];
  close();
  // A word is ended; what goes on behind it (`--project=`, a list) is not.
  const space = /[=,/]$/.test(before) || after.startsWith(' ') ? '' : ' ';
  put(before + space + after, before.length + space.length);
  ask();
};

const recall = (step) => {
  const next = back + step;
  if (next < -1 || next >= past.length) return;
  close();
  if (back === -1) typed = box.value;
  back = next;
  const line = back === -1 ? typed : past[back];
  put(line, line.length);
};

const keys = {
  ArrowDown: () => (offers.length ? choose((chosen + 1) % offers.length) : recall(-1)),
  ArrowUp: () => (offers.length ? choose((chosen <= 0 ? offers.length : chosen) - 1) : recall(1)),
  Escape: () => (offers.length ? close() : false),
  Enter: () => (chosen >= 0 ? accept(chosen) : false),
  // The key moves on as everywhere, unless there is something to take.
  Tab: () => (chosen >= 0 ? accept(chosen) : offers.length === 1 ? accept(0) : false),
};

if (box && list) {
  for (const [name, value] of Object.entries({ role: 'combobox', 'aria-autocomplete': 'list', 'aria-expanded': 'false', 'aria-controls': list.id })) {
    box.setAttribute(name, value);
  }
  list.setAttribute('role', 'listbox');
  box.addEventListener('input', () => {
    back = -1;
    ask();
  });
  box.addEventListener('blur', close);
  box.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey || event.isComposing) return;
    const handle = keys[event.key];
    if (handle && handle() !== false) event.preventDefault();
  });
}
