/* Arrow keys in the organisation tree, as in a file browser. Without this file Tab and Enter do the same. */
"use strict";

(function () {
  const line = (item) => item.querySelector(":scope > details > summary, :scope > .tree-leaf a, :scope.tree-leaf > a");
  const shown = (tree) => [...tree.querySelectorAll("li")].filter((item) => item.offsetParent !== null && line(item)).map(line);

  function step(tree, from, by) {
    const lines = shown(tree);
    const next = lines[lines.indexOf(from) + by];
    if (next) next.focus();
  }
  document.addEventListener("keydown", (event) => {
    const tree = event.target.closest("[data-tree]");
    if (!tree || event.altKey || event.ctrlKey || event.metaKey) return;
    const item = event.target.closest("li");
    const here = line(item);
    const details = item.querySelector(":scope > details");
    const above = item.parentElement.closest("li");
    if (event.key === "ArrowDown") step(tree, here, 1);
    else if (event.key === "ArrowUp") step(tree, here, -1);
    else if (event.key === "ArrowRight" && details && !details.open) details.open = true;
    else if (event.key === "ArrowRight" && details) step(tree, here, 1);
    else if (event.key === "ArrowLeft" && details && details.open) details.open = false;
    else if (event.key === "ArrowLeft" && above) line(above).focus();
    else return;
    event.preventDefault();
  });
})();
