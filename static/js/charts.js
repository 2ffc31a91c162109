/* Draws the charts of a page: <div data-chart="ID"> shows the ECharts option in the JSON block with that id.
   The colours and the tooltip (drawn in the canvas, since the policy forbids inline styles) are the house's. */
"use strict";

(function () {
  const COLOURS = ["#c7000b", "#1a7f37", "#f5a623", "#0b57c2", "#7a5195", "#8c8c8c"];
  const INK = "#595959";
  const FONT = '-apple-system, "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif';

  function house(option) {
    const axis = (given) => {
      const style = (one) => Object.assign({ axisLine: { lineStyle: { color: "#bfbfbf" } } }, one,
        { axisLabel: Object.assign({ color: INK }, one.axisLabel) });
      return Array.isArray(given) ? given.map(style) : given && style(given);
    };
    const dressed = Object.assign({ color: COLOURS, animation: false, aria: { enabled: true } }, option, {
      textStyle: Object.assign({ fontFamily: FONT, color: INK }, option.textStyle),
      tooltip: Object.assign({ trigger: option.xAxis ? "axis" : "item" }, option.tooltip, { renderMode: "richText", confine: true }),
    });
    if (option.xAxis) {
      dressed.xAxis = axis(option.xAxis);
      dressed.yAxis = axis(option.yAxis);
      dressed.grid = Object.assign({ left: 8, right: 16, top: 40, bottom: 8, containLabel: true }, option.grid);
    }
    return dressed;
  }

  /* Values that are rates (0 to 1) arrive as such and are shown in percent: option.percent says so. */
  function percentages(option) {
    if (!option.percent) return option;
    const shown = (value) => (value === null || value === undefined ? "—" : `${(value * 100).toFixed(1)}%`);
    const rated = Object.assign({}, option, { tooltip: Object.assign({}, option.tooltip, { valueFormatter: shown }) });
    for (const name of ["xAxis", "yAxis"]) {
      if (option[name] && option[name].type === "value") {
        rated[name] = Object.assign({}, option[name], { axisLabel: Object.assign({}, option[name].axisLabel, { formatter: (value) => `${Math.round(value * 100)}%` }) });
      }
    }
    rated.series = (option.series || []).map((one) => (one.label && one.label.show
      ? Object.assign({}, one, { label: Object.assign({}, one.label, { formatter: (point) => shown(point.value) }) }) : one));
    delete rated.percent;
    return rated;
  }

  function draw(box) {
    const data = document.getElementById(box.dataset.chart);
    if (!data || !window.echarts || window.echarts.getInstanceByDom(box)) return;
    const chart = window.echarts.init(box);
    chart.setOption(house(percentages(JSON.parse(data.textContent))));
    if (window.ResizeObserver) new ResizeObserver(() => chart.resize()).observe(box);
  }

  const drawAll = (root) => root.querySelectorAll("[data-chart]").forEach(draw);
  document.addEventListener("DOMContentLoaded", () => drawAll(document));
  document.addEventListener("htmx:afterSwap", () => drawAll(document));
})();
