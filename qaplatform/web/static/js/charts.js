// <div class="chart" data-chart='{…}'>: draws it with ECharts. All words come from the page; the table beside it says the same.
const DASHES = ["solid", "dashed", "dotted", [8, 3, 2, 3], [2, 2], "solid"];
const SIGNS = ["circle", "rect", "triangle", "diamond", "pin", "arrow"];

function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

function clock(seconds) {
  return `${Math.floor(seconds / 60)}:${String(Math.round(seconds % 60)).padStart(2, "0")}`;
}

function shown(value, unit) {
  if (value === null || value === undefined) return "–";
  return unit === "percent" ? `${(value * 100).toFixed(1)}%` : String(Math.round(value * 10) / 10);
}

function band(one, n, values) {
  // Two lines stacked on each other, the upper one filled down to the lower: the interval.
  const quiet = { type: "line", stack: `band${n}`, symbol: "none", silent: true, lineStyle: { opacity: 0 }, tooltip: { show: false } };
  return [
    { ...quiet, data: one.low },
    { ...quiet, data: one.high.map((high, n) => (high === null ? null : high - one.low[n])), areaStyle: { color: values.fill, opacity: 0.15 } },
  ];
}

function options(said) {
  const ink = colour("--ink-quiet");
  const line = colour("--line");
  const series = [];
  said.series.forEach((one, n) => {
    const own = colour(`--chart-${(n % 6) + 1}`);
    if (one.low && (said.series.length === 1 || one.band)) series.push(...band(one, n, { fill: own }));
    series.push({
      name: one.name,
      type: said.kind,
      data: said.seconds ? one.values.map((value, n) => [said.seconds[n], value]) : one.values,
      step: said.seconds ? "end" : undefined,
      symbol: SIGNS[n % 6],
      symbolSize: 7,
      barMaxWidth: 28,
      itemStyle: { color: own },
      lineStyle: { color: own, width: 2, type: DASHES[n % 6] },
      urls: one.urls,
    });
  });
  return {
    animation: false,
    aria: { enabled: false },
    textStyle: { fontFamily: getComputedStyle(document.body).fontFamily },
    grid: { left: 8, right: 16, top: said.series.length > 1 ? 40 : 16, bottom: 4, containLabel: true },
    legend: said.series.length > 1 ? { top: 0, left: 0, type: "scroll", textStyle: { color: colour("--ink") }, data: said.series.map((one) => one.name) } : undefined,
    tooltip: { trigger: "axis", renderMode: "richText", confine: true, valueFormatter: (value) => shown(value, said.unit) },
    xAxis: {
      ...(said.seconds ? { type: "value", max: "dataMax", axisPointer: { label: { formatter: ({ value }) => clock(value) } }, splitLine: { show: false } } : { type: "category", data: said.labels }),
      axisLabel: { color: ink, hideOverlap: true, formatter: said.seconds ? clock : undefined },
      axisLine: { lineStyle: { color: line } },
      axisTick: { show: false },
    },
    yAxis: {
      type: "value",
      scale: said.kind === "line" && said.most === undefined,
      max: said.unit === "percent" ? 1 : (said.most ?? said.ceiling),
      axisLabel: { color: ink, formatter: (value) => (said.unit === "percent" ? `${Math.round(value * 100)}%` : String(value)) },
      splitLine: { lineStyle: { color: line } },
    },
    series,
  };
}

const AUTO = { width: "auto", height: "auto" };

function draw(box) {
  const said = JSON.parse(box.dataset.chart);
  box.dataset.drawn = "";
  const chart = window.echarts.init(box, null, { renderer: "canvas" });
  chart.setOption(options(said));
  chart.on("click", (event) => {
    const urls = chart.getOption().series[event.seriesIndex].urls;
    if (urls && urls[event.dataIndex]) window.location.assign(urls[event.dataIndex]);
  });
  const again = () => chart.setOption(options(said), true);
  new ResizeObserver(() => chart.resize(AUTO)).observe(box);
  window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", again);
  return (size) => {
    again();
    chart.resize(size);
    chart.getZr().refreshImmediately(); // The sheet does not wait for the next frame.
  };
}

// A picture does not follow the page onto paper: it is drawn anew, as wide as an upright sheet and in the colours of daylight.
const PAPER = { width: 620, height: "auto" };
const drawn = [...document.querySelectorAll("[data-chart]")].map(draw);
window.addEventListener("beforeprint", () => {
  document.documentElement.dataset.printing = "";
  for (const one of document.querySelectorAll("details.as-table")) one.open = true;
  for (const redraw of drawn) redraw(PAPER);
});
window.addEventListener("afterprint", () => {
  delete document.documentElement.dataset.printing;
  for (const redraw of drawn) redraw(AUTO);
});
