/* The page on which an activity is recorded. Without this file everything works; it spares a look or a press. */
"use strict";

(function () {
  const form = document.querySelector("form[data-record]");
  if (!form) return;

  /* ---- 应到、实到 follow the ticks */
  function count() {
    const boxes = [...form.querySelectorAll("input[name=present]")];
    const shown = form.querySelector("[data-count]");
    if (shown) shown.textContent = `应到 ${boxes.length}，实到 ${boxes.filter((box) => box.checked).length}`;
  }
  form.addEventListener("change", (event) => { if (event.target.name === "present") count(); });

  /* ---- a day to come is a plan: the main button says so, and what is known only afterwards is put away */
  const main = form.querySelector("[data-main]");
  const day = form.querySelector("[name=on]");
  const title = form.querySelector("[name=title]");
  function name() {
    const ahead = day.value > form.dataset.today;
    main.textContent = ahead ? main.dataset.ahead : main.dataset.now;
    main.value = form.querySelector("[data-enter]").value = ahead ? "plan" : "submit";
    form.querySelector("[data-draft-button]").hidden = ahead;
    form.querySelectorAll("[data-held]").forEach((part) => { part.hidden = ahead; });
  }
  const month = (text) => text && `${Number(text.slice(0, 4))}年${Number(text.slice(5, 7))}月`;
  let before = month(day.value);
  day.addEventListener("change", () => {
    name();
    const now = month(day.value);
    if (before && now && title.value.startsWith(before)) title.value = now + title.value.slice(before.length);
    before = now || before;
  });
  document.addEventListener("htmx:afterSwap", () => { name(); count(); });

  /* ---- Enter in a search line searches */
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.target.tagName !== "INPUT") return;
    const look = event.target.parentElement.querySelector("button[name=look]");
    if (look) { event.preventDefault(); look.click(); }
  });

  /* ---- 内容记录 with a little formatting, at a desk only; the text lies in the textarea all the time */
  const source = form.querySelector("textarea[name=minutes]");
  const TAGS = { B: "strong", STRONG: "strong", I: "em", EM: "em", H1: "h3", H2: "h3", H3: "h3", H4: "h4", H5: "h4", H6: "h4",
    UL: "ul", OL: "ol", LI: "li", P: "p", DIV: "p", TR: "p", BR: "br" };

  function tidy(from, into) {
    for (const node of from.childNodes) {
      if (node.nodeType === Node.TEXT_NODE) into.append(node.data.replace(/[ \t\r\n]+/g, " "));
      if (node.nodeType !== Node.ELEMENT_NODE || ["SCRIPT", "STYLE", "TITLE", "HEAD", "META"].includes(node.tagName)) continue;
      const tag = TAGS[node.tagName];
      const part = tag ? document.createElement(tag) : into;
      tidy(node, part);
      if (tag && (tag === "br" || part.textContent.trim())) into.append(part);
    }
    return into;
  }
  function parsed(html) {
    const bare = html.replace(/<!--[\s\S]*?-->/g, "").replace(/<style[\s\S]*?<\/style>/gi, "").replace(/\s(?:style|on\w+|src|srcset)\s*=\s*(?:"[^"]*"|'[^']*'|[^\s>]+)/gi, "");
    return tidy(new DOMParser().parseFromString(bare, "text/html").body, document.createElement("div"));
  }
  function lines(text) {
    const box = document.createElement("div");
    for (const line of text.replace(/\r\n?/g, "\n").split("\n")) {
      if (!line.trim()) continue;
      const part = document.createElement("p");
      part.textContent = line;
      box.append(part);
    }
    return box;
  }
  function insert(box) {
    const selection = window.getSelection();
    if (!selection.rangeCount) return;
    const range = selection.getRangeAt(0);
    const fragment = document.createDocumentFragment();
    fragment.append(...box.childNodes);
    const last = fragment.lastChild;
    range.deleteContents();
    range.insertNode(fragment);
    if (!last) return;
    range.setStartAfter(last);
    range.collapse(true);
    selection.removeAllRanges();
    selection.addRange(range);
  }

  function editor() {
    const flag = form.querySelector("[name=minutes_rich]");
    const bar = document.createElement("div");
    const page = document.createElement("div");
    bar.className = "editor-bar btn-row";
    bar.setAttribute("role", "toolbar");
    bar.setAttribute("aria-label", "内容记录的格式");
    page.className = "editor form-control";
    page.contentEditable = "true";
    page.setAttribute("role", "textbox");
    page.setAttribute("aria-multiline", "true");
    page.setAttribute("aria-label", "内容记录");
    page.id = "minutes-editor";
    for (const [label, command, value] of [["加粗", "bold"], ["小标题", "formatBlock", "h3"], ["正文", "formatBlock", "p"],
      ["• 列表", "insertUnorderedList"], ["1. 编号", "insertOrderedList"]]) {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "btn btn-sm btn-plain";
      button.textContent = label;
      button.addEventListener("mousedown", (event) => event.preventDefault());
      button.addEventListener("click", () => { page.focus(); document.execCommand(command, false, value); keep(); });
      bar.append(button);
    }
    function keep() {
      source.value = page.textContent.trim() ? page.innerHTML : "";
      source.dispatchEvent(new Event("input", { bubbles: true }));
    }
    function show() {
      const text = source.value;
      page.replaceChildren(...(/<(?:p|h3|h4|ul|ol|div)[\s>]/i.test(text) ? parsed(text) : lines(text)).childNodes);
    }
    page.addEventListener("input", keep);
    page.addEventListener("paste", (event) => {
      event.preventDefault();
      const html = event.clipboardData.getData("text/html");
      insert(html ? parsed(html) : lines(event.clipboardData.getData("text/plain")));
      keep();
    });
    page.addEventListener("drop", (event) => event.preventDefault());
    source.addEventListener("change", show); // a draft was brought back
    document.execCommand("defaultParagraphSeparator", false, "p");
    document.execCommand("styleWithCSS", false, false);
    flag.value = "1";
    if (source.dataset.rich) source.value = source.dataset.rich;
    show();
    source.before(bar, page);
    source.classList.add("visually-hidden");
    source.tabIndex = -1;
    source.setAttribute("aria-hidden", "true");
    source.addEventListener("focus", () => page.focus());
  }

  if (source && matchMedia("(min-width: 768px) and (pointer: fine)").matches) editor();
  name();
})();
