// The map's picture: points by source, regions by their words; by pointer, by touch and by keys.
(() => {
  "use strict";
  const root = document.getElementById("map");
  const canvas = document.getElementById("map-canvas");
  const pen = canvas.getContext("2d");
  const cardBox = document.getElementById("map-card");
  const NIL = "00000000-0000-0000-0000-000000000000";
  const [MARGIN, MOST, LISTED] = [26, 40, 50]; // pixels; times magnified; memories in the list
  const shapes = {
    circle: "M6 1a5 5 0 1 0 .01 0z", square: "M1.500 1.500h9v9h-9z",
    triangle: "M6 .8 11.500 11H.5z", diamond: "M6 0l6 6-6 6-6-6z",
    bar: "M4 0h4v12H4z", half: "M1 6a5 5 0 0 1 10 0z",
    hexagon: "M3 .8h6L12 6 9 11.200H3L0 6z",
    cross: "M1 3 3 1 6 4 9 1 11 3 8 6 11 9 9 11 6 8 3 11 1 9 4 6z",
    plus: "M4.500 1h3v3.500H11v3H7.500V11h-3V7.500H1v-3h3.500z",
    ring: "M6 .5a5.500 5.500 0 1 0 .01 0zM6 3.500a2.500 2.500 0 1 1-.01 0z",
    star: "M6 0l1.600 4.200L12 6 7.600 7.800 6 12 4.400 7.800 0 6l4.400-1.800z",
  };
  let [points, sprites, look] = [null, [], {}];
  let size = { width: 0, height: 0, dense: 1 };
  let view = { x: 0.5, y: 0.5, zoom: 1 };
  let at = -1;
  let due = 0;

  // Drawing --------------------------------------------------------------------------------------
  const across = (x) => (x - view.x) * (size.width - 2 * MARGIN) * view.zoom + size.width / 2;
  const down = (y) => (y - view.y) * (size.height - 2 * MARGIN) * view.zoom + size.height / 2;
  const names = regionNames(pen, across, down);
  const radius = () => Math.min(9, (points.ids.length > 1500 ? 3.5 : 5.5) * view.zoom ** 0.3);

  const dress = () => {
    const style = getComputedStyle(canvas);
    look = { ink: style.color, paper: style.backgroundColor, font: `600 15px ${style.fontFamily}` };
    const side = Math.ceil(2 * radius() * size.dense);
    sprites = points.sources.map((slug) => {
      const mark = document.querySelector(`.legend [data-source="${CSS.escape(slug)}"]`);
      const shape = new Path2D(shapes[mark?.dataset.shape] ?? shapes.ring);
      const sprite = Object.assign(document.createElement("canvas"), { width: side, height: side });
      const brush = sprite.getContext("2d");
      brush.scale(side / 12, side / 12);
      brush.fillStyle = mark ? getComputedStyle(mark).color : look.ink;
      brush.fill(shape, "evenodd");
      return sprite;
    });
    const places = points.ids.map((_, one) => [across(points.x[one]), down(points.y[one])]);
    pen.font = look.font;
    names.settle(points.regions, places, size, 0.8 * radius(), view.zoom < 1.5 ? 2 : 3);
  };

  const draw = () => {
    due = 0;
    if (!points) return;
    const { width, height, dense } = size;
    pen.setTransform(dense, 0, 0, dense, 0, 0);
    pen.clearRect(0, 0, width, height);
    const [r, wide] = [radius(), 2 * radius()];
    pen.globalAlpha = 0.85;
    for (let one = 0; one < points.ids.length; one += 1) {
      const [x, y] = [across(points.x[one]), down(points.y[one])];
      if (x < -r || y < -r || x > width + r || y > height + r) continue;
      pen.drawImage(sprites[points.source[one]], x - r, y - r, wide, wide);
    }
    const halo = { lineJoin: "round", lineWidth: 5, strokeStyle: look.paper, fillStyle: look.ink };
    const font = { font: look.font, textAlign: "center", textBaseline: "middle" };
    Object.assign(pen, { globalAlpha: 1 }, halo, font);
    names.draw(points.regions, size);
    if (at < 0) return;
    const [x, y] = [across(points.x[at]), down(points.y[at])];
    pen.beginPath();
    pen.arc(x, y, r + 5, 0, 2 * Math.PI);
    pen.stroke();
    Object.assign(pen, { lineWidth: 2.5, strokeStyle: look.ink }).stroke();
  };
  const redraw = () => (due ||= requestAnimationFrame(draw));

  const measure = () => {
    const dense = devicePixelRatio || 1;
    size = { width: canvas.clientWidth, height: canvas.clientHeight, dense };
    canvas.width = Math.round(size.width * dense);
    canvas.height = Math.round(size.height * dense);
    if (points) dress();
    draw();
  };

  const set = (next) => {
    const zoom = Math.min(Math.max(next.zoom ?? view.zoom, 1), MOST);
    const room = 0.5 - 0.5 / zoom;
    const within = (value) => Math.min(Math.max(value, 0.5 - room), 0.5 + room);
    const resized = zoom !== view.zoom;
    view = { x: within(next.x ?? view.x), y: within(next.y ?? view.y), zoom };
    if (resized && points) dress();
    redraw();
  };
  const zoomAt = (by, x = size.width / 2, y = size.height / 2) => {
    const [wide, high] = [size.width - 2 * MARGIN, size.height - 2 * MARGIN];
    const zoom = Math.min(Math.max(view.zoom * by, 1), MOST);
    const [dx, dy] = [x - size.width / 2, y - size.height / 2];
    const shift = 1 / view.zoom - 1 / zoom;
    set({ x: view.x + (dx / wide) * shift, y: view.y + (dy / high) * shift, zoom });
  };

  // One memory -----------------------------------------------------------------------------------
  const known = new Map();
  let asked = 0;
  const put = (tag, words, more = {}) => {
    const node = document.createElement(tag);
    node.textContent = words;
    Object.assign(node, more);
    return node;
  };
  const address = (pattern, id) =>
    pattern.replace(NIL, id.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5"));
  const tell = (id, found) => {
    const about = put("p", [found.name, ...found.about].join(" · "), { className: "soft small" });
    const words = put("p", "", { className: "clamp", dir: "auto", translate: false });
    const link = put("a", found.text, { href: address(root.dataset.open, id) });
    link.className = "map-words";
    if (found.title) words.append(put("strong", found.title), " ");
    words.append(link);
    cardBox.replaceChildren(words, about);
  };
  const read = async (id) => {
    const mine = (asked += 1);
    if (known.has(id)) return tell(id, known.get(id));
    await new Promise((done) => setTimeout(done, 120));
    if (mine !== asked) return;
    const answer = await fetch(address(root.dataset.card, id), { credentials: "same-origin" });
    if (answer.redirected) return location.reload();
    if (!answer.ok) return;
    const found = await answer.json();
    if (known.size > 300) known.clear();
    known.set(id, found);
    if (mine === asked) tell(id, found);
  };
  const choose = (one, follow = false) => {
    if (one === at) return;
    at = one;
    if (at < 0) return redraw();
    if (follow) {
      const [x, y] = [across(points.x[at]), down(points.y[at])];
      const seen = x > 20 && y > 20 && x < size.width - 20 && y < size.height - 20;
      if (!seen) set({ x: points.x[at], y: points.y[at] });
    }
    redraw();
    read(points.ids[at]).catch(() => {});
  };
  const open = () => at >= 0 && location.assign(address(root.dataset.open, points.ids[at]));

  const nearest = (x, y, reach, fits = () => true) => {
    let best = -1;
    let least = reach * reach;
    for (let one = 0; one < points.ids.length; one += 1) {
      const [dx, dy] = [across(points.x[one]) - x, down(points.y[one]) - y];
      const far = dx * dx + dy * dy;
      if (far < least && one !== at && fits(dx, dy)) [best, least] = [one, far];
    }
    return best;
  };
  const step = (dx, dy) => {
    if (at < 0) return choose(nearest(size.width / 2, size.height / 2, Infinity), true);
    const ahead = (x, y) => x * dx + y * dy > Math.abs(x * dy + y * dx);
    const next = nearest(across(points.x[at]), down(points.y[at]), Infinity, ahead);
    if (next >= 0) choose(next, true);
  };

  // Keys -----------------------------------------------------------------------------------------
  const arrows = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  canvas.addEventListener("keydown", (event) => {
    if (!points || event.ctrlKey || event.altKey || event.metaKey) return;
    const way = arrows[event.key];
    if (way && event.shiftKey)
      set({ x: view.x + (way[0] * 0.15) / view.zoom, y: view.y + (way[1] * 0.15) / view.zoom });
    else if (way) step(...way);
    else if (event.key === "Enter") open();
    else if (event.key === "+" || event.key === "=") zoomAt(1.4);
    else if (event.key === "-") zoomAt(1 / 1.4);
    else if (event.key === "0") set({ x: 0.5, y: 0.5, zoom: 1 });
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  root.addEventListener("click", (event) => {
    const zoom = event.target.closest("[data-zoom]")?.dataset.zoom;
    if (zoom === "reset") set({ x: 0.5, y: 0.5, zoom: 1 });
    else if (zoom) zoomAt(zoom === "in" ? 1.6 : 1 / 1.6);
  });

  // Pointers: move, pinch, point, click ------------------------------------------------------------
  const held = new Map();
  let moved = 0;
  const place = (event) => {
    const box = canvas.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  };
  const hit = ([x, y]) => nearest(x, y, Math.max(12, radius() + 4));
  const over = (event) => {
    const [x, y] = place(event);
    const mine = at >= 0 && Math.hypot(across(points.x[at]) - x, down(points.y[at]) - y) < radius() + 3;
    if (!mine) choose(hit([x, y]));
    canvas.toggleAttribute("data-over", at >= 0);
  };
  canvas.addEventListener("pointerdown", (event) => {
    if (!held.size) moved = 0;
    held.set(event.pointerId, place(event));
    canvas.setPointerCapture(event.pointerId);
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!points) return;
    const before = held.get(event.pointerId);
    if (!before) return event.pointerType === "mouse" && over(event);
    const now = place(event);
    const [dx, dy] = [now[0] - before[0], now[1] - before[1]];
    moved += Math.hypot(dx, dy);
    const other = [...held].find(([id]) => id !== event.pointerId)?.[1];
    held.set(event.pointerId, now);
    if (other) {
      const apartWas = Math.hypot(before[0] - other[0], before[1] - other[1]);
      const apartNow = Math.hypot(now[0] - other[0], now[1] - other[1]);
      zoomAt(apartNow / Math.max(apartWas, 1), (now[0] + other[0]) / 2, (now[1] + other[1]) / 2);
    } else if (moved > 4)
      set({
        x: view.x - dx / ((size.width - 2 * MARGIN) * view.zoom),
        y: view.y - dy / ((size.height - 2 * MARGIN) * view.zoom),
      });
  });
  const release = (event) => {
    const here = held.get(event.pointerId);
    held.delete(event.pointerId);
    if (!points || !here || held.size || moved > 4 || event.type !== "pointerup") return;
    const [x, y] = here;
    const label = names.shown.find((one) => x > one.left && x < one.right && y > one.top && y < one.bottom);
    if (event.pointerType === "mouse") over(event);
    else choose(hit(here));
    if (at >= 0 && event.pointerType === "mouse") open();
    else if (at < 0 && label) document.querySelector(`[data-region="${label.number}"]`)?.click();
  };
  for (const kind of ["pointerup", "pointercancel"]) canvas.addEventListener(kind, release);
  canvas.addEventListener(
    "wheel",
    (event) => {
      if (!event.ctrlKey && document.activeElement !== canvas) return; // else the page scrolls
      event.preventDefault();
      zoomAt(Math.exp(-event.deltaY / 400), ...place(event));
    },
    { passive: false },
  );

  // What is in view, as a list ---------------------------------------------------------------------
  document.getElementById("map-view").addEventListener(
    "submit",
    (event) => {
      const seen = (points?.ids ?? [])
        .map((id, one) => ({ id, x: across(points.x[one]), y: down(points.y[one]) }))
        .filter(({ x, y }) => x >= 0 && y >= 0 && x <= size.width && y <= size.height)
        .map(({ id, x, y }) => ({ id, far: Math.hypot(x - size.width / 2, y - size.height / 2) }))
        .sort((a, b) => a.far - b.far);
      event.target.elements.ids.value = seen.slice(0, LISTED).map(({ id }) => id).join(" ");
    },
    { capture: true },
  );

  // Beginning --------------------------------------------------------------------------------------
  const begin = async () => {
    const answer = await fetch(root.dataset.points, { credentials: "same-origin" });
    if (answer.redirected) return location.reload();
    if (!answer.ok) throw new Error(String(answer.status));
    points = await answer.json();
    points.x = Float64Array.from(points.x, (x) => x / 10_000);
    points.y = Float64Array.from(points.y, (y) => y / 10_000);
    measure();
    root.dataset.drawn = points.ids.length;
  };
  new ResizeObserver(measure).observe(canvas);
  const again = () => points && (dress(), redraw());
  for (const what of ["(prefers-color-scheme: dark)", "(forced-colors: active)"])
    matchMedia(what).addEventListener("change", again);
  document.fonts?.ready.then(again);
  begin().catch(() => document.getElementById("map-trouble").removeAttribute("hidden"));
})();
