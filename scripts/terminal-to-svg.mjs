/**
 * Draws captured terminal output (text with ANSI colours) as an SVG, for the README's picture.
 *
 *     npm start -- --once 2>capture.txt && node scripts/terminal-to-svg.mjs capture.txt docs/img/start.svg "npm start"
 *
 * Knows colours (SGR: 16, 256 and true colours, bold, dim), carriage return, and the cursor movements that redraw a block
 * (up, start of line, erase); what is drawn is the screen as it stands at the end.
 */
import { readFileSync, writeFileSync } from "node:fs";

const CELL_WIDTH = 8.4;
const LINE_HEIGHT = 19;
const MARGIN = 18;
const TITLE_HEIGHT = 34;
const FOREGROUND = "#d4d7dd";
const PALETTE =
  "#30343c #e06c75 #8cc570 #e5c07b #61afef #c678dd #56b6c2 #d4d7dd #7f848e #ef8891 #a8dd8c #f0d399 #84c4f7 #d998ea #7bd0da #ffffff".split(
    " ",
  );

const ESC = "\u001b";
/** A control sequence (its parameters, its final letter), a title, or one character. */
const TOKENS = new RegExp(`${ESC}\\[([0-9;?]*)([A-Za-z])|${ESC}\\][^\u0007]*\u0007|[^${ESC}]`, "gu");

const [source, target, title = "npm start"] = process.argv.slice(2);
if (source === undefined || target === undefined) {
  process.stderr.write("Cannot draw: expected CAPTURE.txt OUT.svg [TITLE]\n");
  process.exit(2);
}
writeFileSync(target, draw(screenOf(withLastPicture(readFileSync(source, "utf8"))), title));

/** The live picture is wiped when the job is done; the one time that is its last is left out, and so are the lines of `script`. */
function withLastPicture(text) {
  const lines = text.replace(/^Script (started|done) on .*\n?/gm, "");
  const wipe = lines.lastIndexOf(`${ESC}[J`);
  if (wipe < 0) return lines;
  const up = lines.lastIndexOf(`${ESC}[`, wipe - 1);
  return /^\[\d+A$/.test(lines.slice(up + 1, wipe)) ? lines.slice(0, up) + lines.slice(wipe + 3) : lines;
}

/** Plays the text on an endless screen: rows of cells `{ char, style }`. */
function screenOf(text) {
  const rows = [[]];
  let row = 0;
  let column = 0;
  let style = {};
  for (const [token, parameters, final] of text.matchAll(TOKENS)) {
    const count = Math.max(1, Number.parseInt(parameters ?? "", 10) || 1);
    if (final === "m") style = styled(style, parameters);
    else if (final === "A" || final === "F") row = Math.max(0, row - count);
    else if (final === "B" || final === "E") row += count;
    else if (final === "C") column += count;
    else if (final === "D") column = Math.max(0, column - count);
    else if (final === "G") column = count - 1;
    else if (final === "K") rows[row]?.splice(column);
    else if (final === "J") {
      rows[row]?.splice(column);
      rows.length = Math.min(rows.length, row + 1);
    } else if (token === "\r") column = 0;
    else if (token === "\n") {
      row++;
      column = 0;
    } else if (final === undefined && token >= " " && !token.startsWith(ESC)) {
      while (rows.length <= row) rows.push([]);
      while (rows[row].length < column) rows[row].push({ char: " ", style: {} });
      rows[row][column++] = { char: token, style };
    }
    if (final === "E" || final === "F") column = 0;
    while (rows.length <= row) rows.push([]);
  }
  while (rows.length > 0 && rows.at(-1).every(({ char }) => char === " ")) rows.pop();
  return rows;
}

function styled(before, parameters) {
  const style = { ...before };
  const codes = (parameters || "0").split(";").map(Number);
  for (let i = 0; i < codes.length; i++) {
    const code = codes[i];
    if (code === 0) for (const key of Object.keys(style)) delete style[key];
    else if (code === 1) style.bold = true;
    else if (code === 2) style.dim = true;
    else if (code === 22) style.bold = style.dim = false;
    else if (code >= 30 && code <= 37) style.color = PALETTE[code - 30];
    else if (code >= 90 && code <= 97) style.color = PALETTE[code - 82];
    else if (code === 39) style.color = undefined;
    else if (code === 38 && codes[i + 1] === 5) {
      style.color = indexed(codes[i + 2]);
      i += 2;
    } else if (code === 38 && codes[i + 1] === 2) {
      style.color = `rgb(${codes.slice(i + 2, i + 5).join(",")})`;
      i += 4;
    }
  }
  return style;
}

/** One of xterm's 256 colours. */
function indexed(n) {
  if (n < 16) return PALETTE[n];
  if (n >= 232) return `rgb(${Array(3).fill(8 + (n - 232) * 10)})`;
  const level = (step) => (step === 0 ? 0 : 55 + step * 40);
  return `rgb(${[Math.floor((n - 16) / 36), Math.floor((n - 16) / 6) % 6, (n - 16) % 6].map(level)})`;
}

function draw(rows, name) {
  const columns = Math.max(40, ...rows.map((cells) => cells.length));
  const width = Math.ceil(columns * CELL_WIDTH + 2 * MARGIN);
  const height = Math.ceil(rows.length * LINE_HEIGHT + TITLE_HEIGHT + MARGIN);
  const lines = rows.map((cells, index) => {
    const y = TITLE_HEIGHT + (index + 0.75) * LINE_HEIGHT;
    return runsOf(cells)
      .map(({ at, text, style }) => {
        const attributes = [
          `x="${(MARGIN + at * CELL_WIDTH).toFixed(1)}" y="${y.toFixed(1)}" textLength="${([...text].length * CELL_WIDTH).toFixed(1)}"`,
          style.color === undefined ? "" : ` fill="${style.color}"`,
          style.bold ? ' font-weight="bold"' : "",
          style.dim ? ' opacity="0.6"' : "",
        ];
        return `<text ${attributes.join("")}>${escapeXml(text)}</text>\n`;
      })
      .join("");
  });
  const dots = ["#ff5f57", "#febc2e", "#28c840"].map(
    (fill, i) => `<circle cx="${20 + i * 18}" cy="17" r="5.5" fill="${fill}"/>`,
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img">
<title>${escapeXml(name)}</title>
<rect width="${width}" height="${height}" rx="8" fill="#1e2127"/>
${dots.join("")}
<text x="${width / 2}" y="22" text-anchor="middle" font-family="sans-serif" font-size="13" fill="#9aa0ab">${escapeXml(name)}</text>
<g font-family="ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace" font-size="14" fill="${FOREGROUND}" xml:space="preserve">
${lines.join("")}</g>
</svg>
`;
}

/** Neighbouring cells of one style, spaces at the ends left out. */
function runsOf(cells) {
  const runs = [];
  for (const [at, { char, style }] of cells.entries()) {
    const last = runs.at(-1);
    if (last !== undefined && JSON.stringify(last.style) === JSON.stringify(style)) last.text += char;
    else runs.push({ at, text: char, style });
  }
  return runs
    .map(({ at, text, style }) => ({ at: at + text.length - text.trimStart().length, text: text.trim(), style }))
    .filter(({ text }) => text !== "");
}

function escapeXml(text) {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
