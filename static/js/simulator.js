/* 模拟: ticking an enterprise shows the new rates at once. Without this file the form's button does the same. */
"use strict";

(function () {
  /* Half up to four places and then to one digit of percent, as the server does. */
  function percent(covered, whole) {
    if (!whole) return "—";
    const share = Math.floor((covered * 10000) / whole + 0.5);
    if (share === 0 || share === 10000) return `${share / 100}%`;
    return `${(Math.floor(share / 10 + 0.5) / 10).toFixed(1)}%`;
  }

  document.querySelectorAll("[data-simulator]").forEach((form) => {
    const shown = form.querySelector("[data-simulation]");
    if (!shown) return;
    const base = ["covered", "reached", "enterprises"].map((name) => Number(shown.dataset[name]));
    const [covered, reached, enterprises] = base;
    const update = () => {
      const ticked = [...form.querySelectorAll("[data-tick]:checked")];
      const joined = ticked.filter((box) => box.dataset.joins === "1").length;
      const gained = ticked.filter((box) => box.dataset.reached === "0").length;
      shown.querySelector("[data-count]").textContent = ticked.length;
      shown.querySelector("[data-organisation]").textContent = percent(Math.min(covered + joined, enterprises), enterprises);
      shown.querySelector("[data-work]").textContent = percent(Math.min(reached + gained, enterprises), enterprises);
    };
    form.addEventListener("change", (event) => { if (event.target.matches("[data-tick]")) update(); });
    update();
  });
})();
