// Names of the map's regions: each in its middle, or near it where it covers fewer points.
const regionNames = (pen, across, down) => {
  "use strict";
  const WAYS = [0, -1, 1, -2, 2, -3, 3].flatMap((up) => [0, -1, 1].map((aside) => [aside, up]));
  const shown = [];

  const touch = (a, b) => a.right > b.left && a.left < b.right && a.bottom > b.top && a.top < b.bottom;

  const framed = (region, [aside, up], width) => {
    const half = region.wide / 2 + 6;
    const middle = across(region.x) + 0.7 * aside * half;
    const x = Math.min(Math.max(middle, half), width - half);
    const y = down(region.y) + 20 * up;
    return { x, y, left: x - half, right: x + half, top: y - 11, bottom: y + 11 };
  };

  // Which ways each name would rather stand, for points of radius `r` at `places`.
  const settle = (regions, places, { width }, r, most) => {
    for (const region of regions) {
      region.name = region.words.slice(0, most).join(" · ");
      region.wide = pen.measureText(region.name).width;
      const [x, y] = [across(region.x), down(region.y)];
      const near = places.filter((at) => Math.abs(at[0] - x) < 2 * region.wide + 40 && Math.abs(at[1] - y) < 90);
      const covers = (way) => {
        const box = framed(region, way, width);
        const under = ([x, y]) => touch(box, { left: x - r, right: x + r, top: y - r, bottom: y + r });
        return near.filter(under).length;
      };
      const tried = WAYS.map((way, turn) => ({ way, cost: covers(way) + turn / 20 }));
      region.ways = tried.sort((a, b) => a.cost - b.cost).map(({ way }) => way);
    }
  };

  const one = (region, { width, height }) => {
    const [x, y] = [across(region.x), down(region.y)];
    if (!region.name || x < 0 || x > width || y < 0 || y > height) return;
    const free = (box) => box.top > 0 && box.bottom < height && !shown.some((other) => touch(box, other));
    const box = region.ways.map((way) => framed(region, way, width)).find(free);
    if (!box) return;
    shown.push({ ...box, number: region.number });
    pen.strokeText(region.name, box.x, box.y);
    pen.fillText(region.name, box.x, box.y);
  };

  const draw = (regions, size) => {
    shown.length = 0;
    for (const region of regions) one(region, size);
  };

  return { settle, draw, shown };
};
