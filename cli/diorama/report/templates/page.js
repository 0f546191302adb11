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
    const name = dark.matches ? "dark" : "light";
    const theme = themes[name];
    for (const [id, chart] of Object.entries(charts)) {
      const element = document.getElementById(id);
      const width = element.clientWidth;
      // in a folded world there is no width to draw in; it is drawn when it unfolds
      if (!width || element.dataset.theme === name) continue;
      const config = structuredClone(theme);
      config.legend.columns = Math.max(1, Math.floor(width / 165));
      config.axis.labelLimit = Math.min(config.axis.labelLimit, width / 2);
      try {
        const result = await vegaEmbed(element, structuredClone(chart), {
          actions: false, renderer: "svg", config, tooltip: { disableDefaultStyle: true },
        });
        drawn.get(id)?.finalize();
        drawn.set(id, result);
        element.dataset.theme = name;
      } catch (error) {
        console.error(`${id}: ${error}`);
      }
      // let the page answer to its reader in between
      await new Promise((resolve) => setTimeout(resolve));
      if (mine !== round) return;
    }
    document.documentElement.dataset.drawn = "yes";
  }

  // a world unfolds for who follows a link into it, and for paper
  const worlds = [...document.querySelectorAll("details.world")];
  function show() {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    const world = target?.closest("details.world") ?? target?.querySelector("details.world");
    if (world) world.open = true;
    target?.scrollIntoView();
  }
  for (const world of worlds) world.addEventListener("toggle", () => world.open && draw());
  window.addEventListener("hashchange", show);
  window.addEventListener("beforeprint", () => worlds.forEach((world) => { world.open = true; }));

  dark.addEventListener("change", draw);
  await draw();
  // the charts above have grown since the browser looked for the anchor
  if (location.hash) show();
})();
