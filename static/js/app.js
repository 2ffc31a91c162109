/* What pages do beyond plain HTML. Every action works without this file; it only makes them kinder.
   Sections: menus, confirmation, double submission, drafts, ledgers, selects, htmx, start. */
"use strict";

(function () {
  const each = (selector, act, root = document) => root.querySelectorAll(selector).forEach(act);

  /* ---- menus: one open at a time, closed by a click elsewhere or Esc */
  const closeMenus = (except) => each("details.menu[open]", (menu) => { if (!menu.contains(except)) menu.open = false; });
  document.addEventListener("click", (event) => closeMenus(event.target));
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const menu = document.activeElement.closest("details.menu[open]");
    closeMenus(null);
    if (menu) menu.querySelector("summary").focus();
  });

  /* ---- confirmation: data-confirm on a form or a submit button asks before sending */
  function ask(sentence, onYes) {
    const dialog = document.createElement("dialog");
    const text = document.createElement("p");
    const row = document.createElement("div");
    const no = document.createElement("button");
    const yes = document.createElement("button");
    dialog.className = "confirm";
    text.textContent = sentence;
    row.className = "btn-row";
    no.type = yes.type = "button";
    no.className = "btn btn-plain";
    no.textContent = "取消";
    yes.className = "btn btn-outline-danger";
    yes.textContent = "确定";
    row.append(no, yes);
    dialog.append(text, row);
    document.body.append(dialog);
    no.addEventListener("click", () => dialog.close());
    yes.addEventListener("click", () => { dialog.close(); onYes(); });
    dialog.addEventListener("close", () => dialog.remove());
    dialog.showModal();
    no.focus();
  }

  /* The button that was pressed: form.requestSubmit passes it on, so its name and formaction are kept. */
  document.addEventListener("submit", (event) => {
    const form = event.target;
    const button = event.submitter;
    const sentence = (button && button.dataset.confirm) || form.dataset.confirm;
    if (!sentence || form.dataset.confirmed) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    ask(sentence, () => {
      form.dataset.confirmed = "yes";
      form.requestSubmit(button || undefined);
      delete form.dataset.confirmed;
    });
  }, true);

  /* ---- double submission: a form that writes is sent once; its `method` may be a field of that name */
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.getAttribute("method") !== "post" || "allowRepeat" in form.dataset) return;
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = "yes";
    form.setAttribute("aria-busy", "true");
    setTimeout(() => each("button[type=submit]", (button) => { button.disabled = true; }, form), 0);
  });
  window.addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    each("form[data-sent]", (form) => {
      delete form.dataset.sent;
      form.removeAttribute("aria-busy");
      each("button[type=submit]", (button) => { button.disabled = false; }, form);
    });
  });

  /* ---- drafts: what was typed and not sent survives a closed page, on this device, for three days.
     Passwords, files, hidden fields and fields marked data-private are never kept. Signing out forgets all. */
  const DRAFT_DAYS = 3;
  const user = document.body.dataset.user || "";
  const draftKey = (form) => `draft:${user}:${form.dataset.draft}`;
  const kept = (field) => field.name && !field.closest("[data-private]") && field.autocomplete !== "off"
    && !["hidden", "password", "file", "submit", "button"].includes(field.type);

  function storage(act) {
    try { return act(window.localStorage); } catch (refused) { return null; }
  }
  function valuesOf(form) {
    const values = {};
    for (const field of form.elements) {
      if (!kept(field)) continue;
      const list = values[field.name] || (values[field.name] = []);
      if (field.type === "checkbox" || field.type === "radio") { if (field.checked) list.push(field.value); }
      else if (field.multiple) for (const option of field.selectedOptions) list.push(option.value);
      else list.push(field.value);
    }
    return values;
  }
  function fill(form, values) {
    const position = {};
    for (const field of form.elements) {
      if (!kept(field) || !(field.name in values)) continue;
      const list = values[field.name];
      if (field.type === "checkbox" || field.type === "radio") field.checked = list.includes(field.value);
      else if (field.multiple) for (const option of field.options) option.selected = list.includes(option.value);
      else {
        position[field.name] = position[field.name] || 0;
        field.value = list[position[field.name]++] || "";
      }
      if (field.tomselect) field.tomselect.sync();
      field.dispatchEvent(new Event("change", { bubbles: true }));
    }
  }
  function offerDraft(form, draft) {
    const note = document.createElement("div");
    const text = document.createElement("span");
    const use = document.createElement("button");
    const drop = document.createElement("button");
    note.className = "alert alert-info draft-note";
    note.setAttribute("role", "status");
    text.textContent = `这台设备上有 ${new Date(draft.at).toLocaleString("zh-CN", { dateStyle: "medium", timeStyle: "short" })} 没有提交的草稿。`;
    use.type = drop.type = "button";
    use.className = "btn btn-sm btn-primary";
    use.textContent = "恢复草稿";
    drop.className = "btn btn-sm btn-plain";
    drop.textContent = "丢弃";
    use.addEventListener("click", () => { fill(form, draft.values); note.remove(); });
    drop.addEventListener("click", () => { storage((store) => store.removeItem(draftKey(form))); note.remove(); });
    note.append(text, use, drop);
    form.prepend(note);
  }
  function keepDrafts(form) {
    const untouched = JSON.stringify(valuesOf(form));
    const draft = storage((store) => JSON.parse(store.getItem(draftKey(form))));
    const fresh = draft && Date.now() - draft.at < DRAFT_DAYS * 86400000;
    if (fresh && !("bound" in form.dataset) && JSON.stringify(draft.values) !== untouched) offerDraft(form, draft);
    let timer;
    const save = () => {
      const values = valuesOf(form);
      if (JSON.stringify(values) !== untouched) storage((store) => store.setItem(draftKey(form), JSON.stringify({ at: Date.now(), values })));
    };
    form.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(save, 600); });
    form.addEventListener("submit", () => {
      clearTimeout(timer);
      save();
      storage(() => sessionStorage.setItem("sent-draft", draftKey(form)));
    });
  }
  /* A sent draft is forgotten once the server has led on to another page of ours: not for the same form, an error page
     and what follows it, a lost connection, or the sign-in of somebody whose session had ended. */
  function forgetSentDraft() {
    const sent = storage(() => sessionStorage.getItem("sent-draft"));
    if (!sent) return;
    storage(() => sessionStorage.removeItem("sent-draft"));
    const again = [...document.querySelectorAll("form[data-draft][data-bound]")].some((form) => draftKey(form) === sent);
    const [arrival] = performance.getEntriesByType("navigation");
    if (user && !again && (!arrival || arrival.redirectCount > 0)) storage((store) => store.removeItem(sent));
  }
  function forgetAllDrafts() {
    storage((store) => Object.keys(store).filter((key) => key.startsWith("draft:")).forEach((key) => store.removeItem(key)));
  }
  each("form[data-clears-drafts]", (form) => form.addEventListener("submit", forgetAllDrafts));

  /* ---- ledgers: bulk selection and the column chooser */
  function bulk(root) {
    const form = root.querySelector("form[data-bulk]");
    if (!form) return;
    const all = root.querySelector("[data-pick-all]");
    const boxes = () => [...document.querySelectorAll(`input[name=pk][form="${form.id}"]`)];
    const show = () => {
      const picked = boxes().filter((box) => box.checked).length;
      form.querySelector("[data-bulk-count]").textContent = picked ? `已选 ${picked} 条` : "勾选下面的记录后可批量办理";
      each("button[type=submit]", (button) => { button.disabled = picked === 0; }, form);
      if (all) {
        all.checked = picked > 0 && picked === boxes().length;
        all.indeterminate = picked > 0 && !all.checked;
      }
    };
    if (all) {
      all.hidden = false;
      all.addEventListener("change", () => { boxes().forEach((box) => { box.checked = all.checked; }); show(); });
    }
    boxes().forEach((box) => box.addEventListener("change", show));
    show();
  }
  /* At least one column must stay. */
  function columnChooser(form) {
    const boxes = [...form.querySelectorAll("input[name=columns]")];
    const check = () => { form.querySelector("button[type=submit]").disabled = !boxes.some((box) => box.checked); };
    boxes.forEach((box) => box.addEventListener("change", check));
  }
  /* A changed select or date asks at once; typing waits for Enter or the button. Empty filters stay out of the address. */
  function filters(form) {
    form.addEventListener("change", (event) => {
      if (event.target.matches("select, input[type=date]")) form.requestSubmit();
    });
    form.addEventListener("htmx:configRequest", (event) => {
      const sent = event.detail.parameters;
      for (const name of Object.keys(sent)) if (sent[name] === "") delete sent[name];
    });
  }

  /* ---- long selects get a search box; data-choose-url asks the server, which alone decides what matches */
  function choose(select) {
    if (!window.TomSelect || select.tomselect) return;
    const url = select.dataset.chooseUrl;
    const options = { maxOptions: 300, allowEmptyOption: true, refreshThrottle: 100,
      plugins: [select.multiple ? "remove_button" : "dropdown_input"],
      render: { no_results: () => plain("没有匹配的选项"), loading: () => plain("正在查找…"),
        option: (data) => plain(data.text), item: (data) => plain(data.text) } };
    if (url) {
      const asked = (query) => `${url}${url.includes("?") ? "&" : "?"}q=${encodeURIComponent(query)}`;
      options.preload = "focus";
      /* The server found them all; the empty choice is none of them. */
      options.score = (query) => (data) => (query && data.value === "" ? 0 : 1);
      /* Answers may overtake each other: only the one to the last question is shown. */
      let last;
      options.load = function (query, done) {
        last = query;
        fetch(asked(query), { headers: { Accept: "application/json" } })
          .then((answer) => (answer.ok ? answer.json() : { results: [] }))
          .then((found) => {
            if (query !== last) return done();
            this.clearOptions();
            return done(found.results);
          })
          .catch(() => done());
      };
    }
    const box = new window.TomSelect(select, options);
    box.control_input.placeholder = "输入文字查找";
    box.control_input.setAttribute("aria-label", "输入文字查找选项");
    select.setAttribute("aria-hidden", "true");
    for (const name of ["aria-describedby", "aria-invalid"]) {
      if (select.hasAttribute(name)) box.focus_node.setAttribute(name, select.getAttribute(name));
    }
  }
  function plain(text) {
    const box = document.createElement("div");
    box.textContent = text;
    return box;
  }

  /* ---- htmx: an answer from another address (the session ended) or an error page is shown as a page of its own */
  document.addEventListener("htmx:beforeSwap", (event) => {
    const { requestPath, responsePath } = event.detail.pathInfo;
    if (responsePath && responsePath.split("?")[0] !== requestPath.split("?")[0]) {
      event.detail.shouldSwap = false;
      window.location.assign(event.detail.xhr.responseURL);
    }
  });
  document.addEventListener("htmx:responseError", (event) => {
    if (event.detail.elt.matches("form")) window.location.assign(event.detail.pathInfo.finalRequestPath);
  });
  document.addEventListener("htmx:sendError", (event) => {
    if (!event.detail.elt.matches("form")) return;
    const note = document.createElement("div");
    note.className = "alert alert-warning";
    note.setAttribute("role", "alert");
    note.textContent = "网络连接中断，列表没有更新。请检查网络后再试。";
    event.detail.elt.prepend(note);
    setTimeout(() => note.remove(), 8000);
  });

  /* ---- start, once for the page and again for every part that htmx swaps in */
  function dress(root) {
    bulk(root);
    each("form[data-columns]", columnChooser, root);
    each("form[data-filters]", filters, root);
    each("select[data-choose]", choose, root);
    each("[data-print]", (button) => { button.hidden = false; button.addEventListener("click", () => window.print()); }, root);
  }
  document.addEventListener("DOMContentLoaded", () => {
    dress(document);
    forgetSentDraft();
    each("form[data-draft]", keepDrafts);
    const summary = document.querySelector("[data-error-summary]");
    if (!summary) return;
    summary.focus();
    each("a", (link) => link.addEventListener("click", (event) => {
      const field = document.getElementById(link.hash.slice(1));
      if (!field) return;
      event.preventDefault();
      const input = field.matches("fieldset") ? field.querySelector("input") : field;
      if (input.tomselect) input.tomselect.focus(); else input.focus();
      field.scrollIntoView({ block: "center" });
    }), summary);
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    const part = event.detail.target.id ? document.getElementById(event.detail.target.id) : null;
    if (part) dress(part);
  });
})();
