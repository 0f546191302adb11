// Draws the charts one after another, and again when light turns to dark.
(async () => {
  const { themes, charts } = JSON.parse(document.getElementById("figures").textContent);
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const small = window.matchMedia("(max-width: 60rem)");
  const drawn = new Map();
  let round = 0;

  // a phone shows the contents on demand
  const contents = document.getElementById("contents");
  contents.open = !small.matches;
  contents.addEventListener("click", (event) => {
    if (small.matches && event.target.closest("a")) contents.open = false;
  });

  async function draw() {
    const mine = ++round;
    document.documentElement.dataset.drawn = "no";
    const theme = themes[dark.matches ? "dark" : "light"];
    for (const [id, chart] of Object.entries(charts)) {
      const element = document.getElementById(id);
      const width = element.clientWidth;
      const config = structuredClone(theme);
      config.legend.columns = Math.max(1, Math.floor(width / 165));
      config.axis.labelLimit = Math.min(config.axis.labelLimit, width / 2);
      try {
        const result = await vegaEmbed(element, structuredClone(chart), {
          actions: false, renderer: "svg", config, tooltip: { disableDefaultStyle: true },
        });
        drawn.get(id)?.finalize();
        drawn.set(id, result);
      } catch (error) {
        console.error(`${id}: ${error}`);
      }
      // let the page answer to its reader in between
      await new Promise((resolve) => setTimeout(resolve));
      if (mine !== round) return;
    }
    document.documentElement.dataset.drawn = "yes";
  }

  dark.addEventListener("change", draw);
  await draw();
  // the charts above have grown since the browser looked for the anchor
  if (location.hash) document.getElementById(decodeURIComponent(location.hash.slice(1)))?.scrollIntoView();
})();
