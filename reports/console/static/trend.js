"use strict";
// Draws the trend large, from the table of its numbers. The page says the same without this.
const button = document.getElementById("trend-enlarge");
const place = document.getElementById("trend-large");
if (button && place && window.uPlot) {
  button.hidden = false;
  button.addEventListener("click", () => {
    button.hidden = true;
    const rows = [...document.querySelectorAll("#trend-numbers tbody tr")];
    const style = getComputedStyle(document.documentElement);
    const ink = style.getPropertyValue("--ink-2").trim();
    const accent = style.getPropertyValue("--accent").trim();
    const line = style.getPropertyValue("--line").trim();
    const short = (at) => new Date(at * 1000).toLocaleDateString("en-AU", { day: "numeric", month: "short" });
    place.classList.add("card");
    const axis = { stroke: ink, grid: { stroke: line, width: 1 }, ticks: { stroke: line, width: 1 } };
    const options = {
      width: Math.max(240, place.clientWidth - 48),
      height: 260,
      scales: { y: { range: [0, 100] } },
      series: [{ label: "Week to", value: (_, at) => (at ? short(at) : "") }, { label: "Compliant, %", stroke: accent, width: 2 }],
      axes: [{ ...axis, values: (_, marks) => marks.map(short) }, axis],
    };
    const days = rows.map((row) => Date.parse(`${row.dataset.day}T12:00:00`) / 1000);
    const percents = rows.map((row) => Number(row.dataset.percent));
    place.setAttribute("aria-hidden", "true");
    new uPlot(options, [days, percents], place);
  });
}
