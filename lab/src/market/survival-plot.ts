/** Survival curves: the share of swarms that are still alive after so many hours, as text and as a small SVG. */

export interface Curve {
  readonly name: string;
  /** When each swarm ended. */
  readonly hours: readonly number[];
}

/** Of the swarms, the share that is alive at `hour`. */
export function aliveAt({ hours }: Curve, hour: number): number {
  return hours.filter((end) => end > hour).length / hours.length;
}

const TEXT_WIDTH = 60;
const TEXT_ROWS = 10;
const MARKS = "ox+*#";

/** One mark per curve; where curves meet, the first is seen. */
export function survivalText(curves: readonly Curve[]): string {
  const end = axisEnd(curves);
  const rows = Array.from({ length: TEXT_ROWS + 1 }, () => new Array<string>(TEXT_WIDTH).fill(" "));
  for (const [index, curve] of [...curves.entries()].reverse())
    for (let column = 0; column < TEXT_WIDTH; column++) {
      const alive = aliveAt(curve, (end * column) / TEXT_WIDTH);
      const row = rows[TEXT_ROWS - Math.round(alive * TEXT_ROWS)] as string[];
      row[column] = MARKS[index % MARKS.length] as string;
    }
  const lines = rows.map((row, i) => `${String(100 - (100 * i) / TEXT_ROWS).padStart(3)}% |${row.join("").trimEnd()}`);
  const axis = `     +${"-".repeat(TEXT_WIDTH)}\n      0${`${end} hours`.padStart(TEXT_WIDTH - 1)}`;
  const legend = curves.map(({ name }, index) => `      ${MARKS[index % MARKS.length]} ${name}`);
  return [...lines, axis, ...legend].join("\n");
}

const WIDTH = 640;
const HEIGHT = 320;
const LEFT = 48;
const TOP = 16;
const RIGHT = 16;
const BOTTOM = 44;
const COLOURS = ["#8a8a8a", "#1f7a4d", "#b35c00", "#5b4fb3", "#b3265a"];

export function survivalSvg(curves: readonly Curve[], title: string): string {
  const end = axisEnd(curves);
  const x = (hour: number): string => (LEFT + ((WIDTH - LEFT - RIGHT) * hour) / end).toFixed(1);
  const y = (share: number): string => (TOP + (HEIGHT - TOP - BOTTOM) * (1 - share)).toFixed(1);
  const grid = [0, 0.25, 0.5, 0.75, 1].map(
    (share) =>
      `<path d="M${LEFT} ${y(share)}H${WIDTH - RIGHT}" stroke="#8884"/>` +
      `<text x="${LEFT - 6}" y="${y(share)}" text-anchor="end" dominant-baseline="middle">${100 * share}%</text>`,
  );
  const ticks = [0, 1, 2, 3, 4].map(
    (i) => `<text x="${x((end * i) / 4)}" y="${HEIGHT - BOTTOM + 16}" text-anchor="middle">${(end * i) / 4}</text>`,
  );
  const lines = curves.map((curve, i) => {
    const path = [...curve.hours].sort((a, b) => a - b).map((hour) => `H${x(hour)}V${y(aliveAt(curve, hour))}`);
    return `<path d="M${x(0)} ${y(1)}${path.join("")}" fill="none" stroke="${colour(i)}" stroke-width="2"/>`;
  });
  const legend = curves.map(({ name }, i) => {
    const row = TOP + 14 + 18 * i;
    const line = `<path d="M${WIDTH - 250} ${row}h24" stroke="${colour(i)}" stroke-width="2"/>`;
    return `${line}<text x="${WIDTH - 220}" y="${row}" dominant-baseline="middle">${escaped(name)}</text>`;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12" fill="#777" role="img">`,
    `<title>${escaped(title)}</title>`,
    ...[...grid, ...ticks, ...lines, ...legend],
    `<text x="${(WIDTH + LEFT) / 2}" y="${HEIGHT - 8}" text-anchor="middle">hours</text>`,
    "</svg>\n",
  ].join("\n");
}

/** A round number of hours after the last end. */
function axisEnd(curves: readonly Curve[]): number {
  const last = Math.max(1, ...curves.flatMap(({ hours }) => hours));
  return 20 * Math.ceil(last / 20);
}

function colour(index: number): string {
  return COLOURS[index % COLOURS.length] as string;
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}
