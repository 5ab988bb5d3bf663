// Finds and measures elements for the browser tests. It runs in a world of its
// own: the page cannot see it, and the page's policy does not apply to it. It
// reads the page as a person or a screen reader would, by visible text and label.
(request) => {
  const normal = (s) => (s ?? "").replace(/\s+/g, " ").trim();
  const scope = request.scope ? document.querySelector(request.scope) : document;
  if (!scope) return { state: "none", detail: `nothing matches ${request.scope}` };

  const rendered = (el) => el.getClientRects().length > 0 && getComputedStyle(el).visibility !== "hidden";
  const all = (css) => [...scope.querySelectorAll(css)];
  const textOf = (ids) => ids.split(/\s+/).map((id) => normal(document.getElementById(id)?.textContent)).join(" ");
  const nameOf = (el) =>
    normal(el.getAttribute("aria-labelledby") ? textOf(el.getAttribute("aria-labelledby")) : "") ||
    normal(el.getAttribute("aria-label")) ||
    normal(el.matches("input[type=submit], input[type=button], input[type=reset]") ? el.value : el.innerText ?? el.textContent) ||
    normal(el.querySelector("img[alt]")?.alt) ||
    normal(el.querySelector("svg title")?.textContent) ||
    normal(el.title);
  const describe = (el) => {
    const id = el.id ? `#${el.id}` : "";
    const name = nameOf(el).slice(0, 60);
    return `<${el.localName}${id}>${name ? ` "${name}"` : ""}`;
  };

  // One element out of those whose text is wanted: the exact text wins over
  // text that only begins with it, and that over text that contains it.
  const pick = (elements, texts, wanted) => {
    const ways = [(s) => s === wanted, (s) => s.startsWith(wanted), (s) => s.includes(wanted)];
    for (const way of ways) {
      const found = [...new Set(elements.filter((el) => texts(el).some(way)))];
      if (found.length > 1) return { state: "many", detail: found.slice(0, 6).map(describe).join(", ") };
      if (found.length === 1) return { el: found[0] };
    }
    return { state: "none", detail: elements.slice(0, 12).map((el) => JSON.stringify(texts(el)[0] ?? "")).join(", ") };
  };

  const pressable = 'a[href], button, summary, input[type=submit], input[type=button], input[type=reset], [role=button], [role=link], [role=tab], [role=menuitem]';
  const fields = "input:not([type=hidden], [type=submit], [type=button], [type=reset]), select, textarea, [contenteditable]";
  const labelsOf = (el) => {
    const labels = [...(el.labels ?? [])].map((l) => {
      const copy = l.cloneNode(true);
      copy.querySelectorAll("select, textarea, option, [aria-hidden=true]").forEach((x) => x.remove());
      return normal(copy.textContent);
    });
    if (el.getAttribute("aria-labelledby")) labels.push(normal(textOf(el.getAttribute("aria-labelledby"))));
    if (el.getAttribute("aria-label")) labels.push(normal(el.getAttribute("aria-label")));
    return labels;
  };

  const locate = () => {
    switch (request.by) {
      case "css": {
        const found = all(request.value);
        return { el: found.find(rendered) ?? found[0], state: "none", detail: "" };
      }
      case "text":
        return pick(all(pressable).filter(rendered), (el) => [nameOf(el)], normal(request.value));
      case "label":
        return pick(all(fields), labelsOf, normal(request.value));
      case "focus": {
        const el = document.activeElement;
        return el && el !== document.body ? { el } : { state: "none", detail: "nothing has the focus" };
      }
    }
    throw new Error(`cannot look for ${request.by}`);
  };

  const middle = (el) => {
    el.scrollIntoView({ block: "center", inline: "center", behavior: "instant" });
    const box = [...el.getClientRects()].find((r) => r.width > 0 && r.height > 0);
    if (!box) return null;
    return { x: box.left + box.width / 2, y: box.top + box.height / 2 };
  };
  // Whether a press at that place reaches the element (or the label it shows).
  const reaches = (el, at) => {
    const hit = at && document.elementFromPoint(at.x, at.y);
    if (!hit) return false;
    return el.contains(hit) || hit.contains(el) && hit.localName === "label";
  };
  const navigates = (el) => {
    const link = el.closest("a[href]");
    if (link) return !link.getAttribute("href").startsWith("#") && link.target !== "_blank";
    const form = el.form;
    const submits = form && (el.type === "submit" || el.type === "image");
    return Boolean(submits) && (form.noValidate || el.formNoValidate || form.checkValidity());
  };

  const { el, ...miss } = locate();
  switch (request.want) {
    case "count":
      return { state: "ok", count: all(request.value).length };
    case "texts":
      return { state: "ok", texts: all(request.value).filter(rendered).map((e) => normal(e.innerText)) };
    case "page":
      return { state: "ok", text: normal((scope === document ? document.body : scope)?.innerText) };
  }
  if (!el) return miss;

  switch (request.want) {
    case "text":
      return { state: "ok", text: normal(el.innerText ?? el.textContent) };
    case "value":
      return { state: "ok", text: el.type === "checkbox" || el.type === "radio" ? String(el.checked) : el.value ?? "" };
    case "attribute":
      return { state: "ok", text: el.getAttribute(request.text) ?? "" };
    case "name":
      return { state: "ok", text: labelsOf(el)[0] || describe(el) };
    case "press": {
      if (el.disabled) return { state: "disabled", detail: describe(el) };
      if (request.checked !== undefined && el.checked === request.checked) return { state: "done" };
      let at = middle(el);
      // A styled checkbox hides its input; a person presses its label.
      for (const label of el.labels ?? []) if (!reaches(el, at)) { at = middle(label); if (reaches(label, at)) return { state: "ok", ...at }; }
      if (!reaches(el, at)) {
        const cover = at && document.elementFromPoint(at.x, at.y);
        return { state: "covered", detail: cover ? `${describe(el)} lies under ${describe(cover)}` : `${describe(el)} is not visible` };
      }
      return { state: "ok", ...at, navigates: navigates(el) };
    }
    case "edit": {
      if (el.disabled || el.readOnly) return { state: "disabled", detail: describe(el) };
      if (!rendered(el)) return { state: "covered", detail: `${describe(el)} is not visible` };
      el.scrollIntoView({ block: "center", behavior: "instant" });
      el.focus();
      const typed = el.matches("textarea, [contenteditable], input:not([type]), [type=text], [type=email], [type=password], [type=search], [type=tel], [type=url], [type=number]");
      if (typed && el.select) el.select();
      if (!typed) {
        // Pickers have no text to type into: set what was picked.
        el.value = request.text;
        el.dispatchEvent(new Event("input", { bubbles: true }));
        el.dispatchEvent(new Event("change", { bubbles: true }));
      }
      return { state: "ok", typed };
    }
    case "choose": {
      if (el.disabled) return { state: "disabled", detail: describe(el) };
      const option = [...el.options].find((o) => normal(o.label) === normal(request.text));
      if (!option) return { state: "none", detail: `options: ${[...el.options].map((o) => normal(o.label)).join(", ")}` };
      el.focus();
      el.value = option.value;
      el.dispatchEvent(new Event("input", { bubbles: true }));
      el.dispatchEvent(new Event("change", { bubbles: true }));
      return { state: "ok" };
    }
    case "element":
      return el;
  }
  throw new Error(`cannot do ${request.want}`);
}
