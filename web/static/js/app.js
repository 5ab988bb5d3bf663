// Waymark's enhancement. Every page works without this file; it saves waiting,
// guards against lost text, and gives keys to those who rate hundreds of checks.
// The attributes it listens to are listed in web/component/doc.go.

// The only policy that the content security policy allows. Text that browsers
// turn into markup passes unless it carries a script; text that would become
// code has no policy and is refused by the browser.
window.trustedTypes?.createPolicy('default', {
  createHTML(text) {
    if (/<\s*script/i.test(text)) throw new TypeError('script refused');
    return text;
  },
});

const root = document.documentElement;
const say = (key) => document.body.dataset['say' + key] ?? '';
root.classList.add('js');

// Toasts

function toast(text) {
  const region = document.getElementById('toasts');
  if (!region || !text) return;
  const box = document.createElement('div');
  box.className = 'toast';
  box.dataset.toast = '';
  box.dataset.stays = '';
  const line = document.createElement('p');
  line.textContent = text;
  const close = document.createElement('button');
  close.type = 'button';
  close.className = 'button text';
  close.dataset.close = '';
  close.textContent = say('Close');
  box.append(line, close);
  region.replaceChildren(box);
}

function settle(scope) {
  for (const box of scope.querySelectorAll('[data-toast]')) {
    box.querySelector('[data-close]')?.removeAttribute('hidden');
    if (!('stays' in box.dataset)) setTimeout(() => box.remove(), 8000);
  }
  for (const dialog of scope.querySelectorAll('dialog[data-modal][open]')) {
    dialog.close();
    dialog.showModal();
  }
  scope.querySelector('[data-focus]')?.focus();
}

// Text that is not saved yet

const changed = (field) => field.value !== field.defaultValue;
const unsaved = () => [...document.querySelectorAll('[data-guard]')].some(
  (field) => changed(field) && !field.form?.hasAttribute('data-sent'),
);

addEventListener('beforeunload', (event) => {
  if (unsaved()) event.preventDefault();
});

// Sending

function busy(form, on, button) {
  form.toggleAttribute('data-sent', on);
  const target = button ?? form.querySelector('[aria-busy]');
  if (!target) return;
  if (on) target.setAttribute('aria-busy', 'true');
  else target.removeAttribute('aria-busy');
}

const fields = (scope) => scope.querySelectorAll('input[id], textarea[id], select[id]');
const state = (field) => (/^(checkbox|radio)$/.test(field.type) ? field.checked : field.value);

// A swap replaces elements by those of the answer with the same id. What was
// typed while the answer was on its way, and the focus, are carried over.
function swap(text, ids, sent) {
  const start = text.search(/<body[\s>]/i);
  const page = new DOMParser().parseFromString(start < 0 ? text : text.slice(start), 'text/html');
  let found = 0;
  for (const id of ids) {
    const old = document.getElementById(id);
    const fresh = page.getElementById(id);
    if (!old || !fresh) continue;
    found++;
    const held = old.contains(document.activeElement) ? document.activeElement : null;
    const range = held && 'selectionStart' in held ? [held.selectionStart, held.selectionEnd] : null;
    const node = document.adoptNode(fresh);
    for (const field of fields(old)) {
      const next = node.querySelector('#' + CSS.escape(field.id));
      if (!next || field.type === 'hidden' || !sent.has(field.id) || sent.get(field.id) === state(field)) continue;
      if (typeof state(field) === 'boolean') next.checked = field.checked;
      else next.value = field.value;
    }
    old.replaceWith(node);
    if (held?.id) {
      const next = document.getElementById(held.id);
      next?.focus({ preventScroll: true });
      if (next && range?.[0] != null) next.setSelectionRange(...range);
    } else if (held && node.tabIndex >= -1) {
      node.focus({ preventScroll: true });
    }
    settle(node);
    pressWaiting(node);
  }
  return found;
}

async function fetchSwap(url, options, ids, scope) {
  const sent = new Map([...fields(scope)].map((field) => [field.id, state(field)]));
  let answer, text;
  try {
    answer = await fetch(url, {
      ...options,
      headers: { Accept: 'text/html', 'Waymark-Swap': ids.join(' ') },
    });
    text = await answer.text();
  } catch {
    return toast(say('Unsent'));
  }
  if (!(answer.headers.get('Content-Type') ?? '').startsWith('text/html')) return toast(say('Refused'));
  try {
    if (swap(text, ids, sent) > 0) return answer;
  } catch {
    return toast(say('Refused'));
  }
  if (answer.ok) location.assign(answer.url);
  else toast(say('Refused'));
}

async function sendForm(form, button) {
  if (form.hasAttribute('data-sent')) {
    form.dataset.again = '';
    return;
  }
  const ids = form.dataset.swap.split(' ');
  const data = new FormData(form, button);
  const post = form.method === 'post';
  const url = new URL(button?.getAttribute('formaction') ?? form.action, location.href);
  let body = new URLSearchParams(data);
  if (form.enctype === 'multipart/form-data') body = data;
  if (!post) {
    for (const [name, value] of [...body]) if (value === '') body.delete(name);
    url.search = body;
  }
  busy(form, true, button);
  const answer = await fetchSwap(url, post ? { method: 'POST', body } : {}, ids, form);
  busy(form, false, button);
  if (answer && !post) history.replaceState(null, '', url);
  if ('again' in form.dataset) {
    delete form.dataset.again;
    const fresh = form.isConnected ? form : document.getElementById(form.id);
    fresh?.requestSubmit();
  }
}

addEventListener('submit', (event) => {
  const form = event.target;
  const button = event.submitter;
  if (event.defaultPrevented || form.method === 'dialog') return;
  if ('themes' in form.dataset && button) {
    event.preventDefault();
    return setTheme(form, button);
  }
  if (form.dataset.swap) {
    event.preventDefault();
    return void sendForm(form, button);
  }
  if (form.hasAttribute('data-sent')) return event.preventDefault();
  busy(form, true, button);
  // An answer that is a file leaves the page where it is.
  setTimeout(() => busy(form, false), 15000);
});

addEventListener('pageshow', (event) => {
  if (!event.persisted) return;
  for (const form of document.querySelectorAll('form[data-sent]')) busy(form, false);
});

addEventListener('change', (event) => {
  const form = event.target.form;
  if (form && 'auto' in form.dataset) form.requestSubmit();
});

function setTheme(form, button) {
  if (button.value === 'system') delete root.dataset.theme;
  else root.dataset.theme = button.value;
  for (const one of form.elements) one.setAttribute('aria-pressed', String(one === button));
  fetch(form.action, { method: 'POST', body: new URLSearchParams(new FormData(form, button)) })
    .catch(() => toast(say('Unsent')));
}

// Pressing

const native = 'command' in HTMLButtonElement.prototype;

addEventListener('click', (event) => {
  const hit = event.target.closest('a, button');
  for (const menu of document.querySelectorAll('details.menu[open]')) {
    if (!menu.contains(event.target)) menu.open = false;
  }
  if (!hit) return;
  if (hit.dataset.reasons) {
    event.preventDefault();
    const reasons = document.getElementById(hit.dataset.reasons);
    reasons?.scrollIntoView({ block: 'nearest' });
    return reasons?.focus();
  }
  if ('close' in hit.dataset) return hit.closest('[data-toast]')?.remove();
  const plain = !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
  const dialog = document.getElementById(hit.dataset.opens ?? (native ? '' : hit.getAttribute('commandfor') ?? ''));
  if (dialog?.showModal && plain) {
    event.preventDefault();
    if (hit.getAttribute('command') === 'close') return dialog.close();
    if (dialog.open) dialog.close();
    return dialog.showModal();
  }
  if (hit.matches('a[data-swap]') && plain) {
    event.preventDefault();
    const ids = hit.dataset.swap.split(' ');
    void fetchSwap(hit.href, {}, ids, document.getElementById(ids[0]) ?? document.body);
  }
});

// Keys

let waiting = '';

const typing = (at) => at.matches('textarea, select, [contenteditable]')
  || (at.matches('input') && !/^(checkbox|radio|button|submit)$/.test(at.type));

function press(key, scope) {
  const target = scope?.querySelector('[data-key="' + CSS.escape(key) + '"]');
  if (!target) return false;
  if (typing(target)) {
    target.focus();
    if (target.type === 'search') target.select();
  } else {
    target.click();
  }
  return true;
}

function pressWaiting(scope) {
  if (waiting && press(waiting, scope)) waiting = '';
}

function walk(step) {
  const rows = [...document.querySelectorAll('[data-row]')];
  if (rows.length === 0) return false;
  const at = rows.indexOf(document.activeElement.closest('[data-row]'));
  const next = rows[at < 0 ? 0 : Math.min(Math.max(at + step, 0), rows.length - 1)];
  next.focus();
  next.scrollIntoView({ block: 'nearest' });
  return true;
}

addEventListener('keydown', (event) => {
  const at = event.target instanceof Element ? event.target : document.body;
  const row = at.closest('[data-row]');
  if (event.key === 'Escape') {
    const menu = at.closest('details.menu[open]');
    if (menu) {
      menu.open = false;
      menu.querySelector('summary').focus();
    } else if (row && typing(at)) {
      row.focus();
    }
    return;
  }
  if (event.isComposing || event.metaKey || event.altKey) return;
  if (event.ctrlKey) {
    if (press('Control+' + event.key, document)) event.preventDefault();
    return;
  }
  if (typing(at) || document.querySelector('dialog:modal')) return;
  let done = false;
  if (event.key === 'j') done = walk(1);
  else if (event.key === 'k') done = walk(-1);
  else if (event.key.length === 1) {
    done = press(event.key, row);
    // A row that is not in edit yet is opened first, then the key applies.
    const edit = done ? null : row?.querySelector('[data-edit]');
    if (edit && /^[1-5cfe]$/.test(event.key)) {
      waiting = event.key;
      edit.click();
      done = true;
    }
    if (!done && !row) done = press(event.key, document);
    if (!done && /^[?/]$/.test(event.key)) done = press(event.key, document);
  } else if (event.key === 'Enter' && at === row) {
    row.querySelector('[data-edit]')?.click();
  }
  if (done) event.preventDefault();
});

settle(document);
