// Opens pages of the HTML report in Chromium and tells what is wrong with them, a line each:
//   node browser.mjs NODE_MODULES CHROMIUM FOLDER [SCREENSHOTS]
import { createRequire } from "node:module";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const [, , modules, executablePath, folder, screenshots] = process.argv;
const require = createRequire(join(modules, "x.js"));
const puppeteer = (await import(pathToFileURL(require.resolve("puppeteer-core")))).default;
const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

const wrong = [];
const browser = await puppeteer.launch({
  executablePath,
  headless: true,
  args: [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
  ],
});

const focused = (page) => page.evaluate(() => document.activeElement?.id || document.activeElement?.className);
const shown = (page, selector) =>
  page.evaluate(
    (selector) => [...document.querySelectorAll(selector)].filter((one) => one.getClientRects().length > 0).length,
    selector,
  );
const overflow = (page) =>
  page.evaluate(() => {
    const width = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= width) return "";
    const over = [...document.querySelectorAll("body *")].filter((one) => one.getBoundingClientRect().right > width + 1);
    return over.slice(0, 3).map((one) => one.outerHTML.slice(0, 120)).join(" | ") || "something";
  });

// Every way in which the page can be shown.
const ways = async (page, is) => {
  const choices = await page.$$eval("input[name=walkthrough]", (all) => all.map((one) => one.id));
  for (const choice of choices) {
    await page.click(`label:has(#${choice})`);
    is(!(await overflow(page)), `${choice} is too wide: ${await overflow(page)}`);
    const others = choices.filter((one) => one !== choice && one !== "call").map((one) => `.w${one.slice(1)}.result`);
    if (choice !== "call" && others.length > 0) {
      is((await shown(page, others.join(","))) === 0, `${choice} shows another walkthrough`);
    }
    const filters = await page.$$eval("input[name=filter]", (all) => all.map((one) => one.id));
    for (const filter of filters) {
      await page.click(`label:has(#${filter})`);
      const verdict = filter.slice(2);
      if (verdict === "all" || verdict === "findings") continue;
      const results = (await shown(page, `.doc .result.${verdict}`)) + (await shown(page, ".none"));
      is(results > 0, `${choice}, ${filter}: neither a result nor a word that there is none`);
      const stray = await page.evaluate((verdict) => {
        const blocks = [...document.querySelectorAll(".doc > section > .block")];
        const seen = blocks.filter((one) => one.getClientRects().length > 0);
        return seen.filter((one) => !one.querySelector(`.result.${verdict}`)).length;
      }, verdict);
      is(stray === 0, `${choice}, ${filter}: ${stray} other blocks are shown`);
    }
    await page.click("label:has(#f-all)");
  }
  if (choices.length > 0) await page.click(`label:has(#${choices[0]})`);
};

const keys = async (page, is) => {
  if ((await shown(page, ".block")) < 2) return;
  await page.evaluate(() => { document.activeElement?.blur(); scrollTo(0, 0); });
  await page.keyboard.press("j");
  const first = await focused(page);
  await page.keyboard.press("j");
  const second = await focused(page);
  await page.keyboard.press("k");
  is(/^b\d+$/.test(first) && first !== second, `j goes to ${first}, then to ${second}`);
  is((await focused(page)) === first, "k does not go back");
  const outline = await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle);
  is(outline !== "none", "what has the focus does not show it");
  const chosen = () => page.$eval("input[name=walkthrough]:checked", (one) => one.id);
  const before = await chosen();
  await page.keyboard.press("w");
  is((await chosen()) !== before, "w does not show the next walkthrough");
  await page.reload();
  await page.keyboard.press("Tab");
  is((await page.evaluate(() => document.activeElement.className)) === "skip" || (await shown(page, ".skip")) === 0,
    "the first thing to come to is not the link over the head");
  await page.keyboard.press("Enter");
  is((await page.evaluate(() => document.activeElement.id)) === "article", "the link over the head leads nowhere");
};

for (const name of readdirSync(folder).filter((name) => name.endsWith(".html")).sort()) {
  for (const width of [1280, 400]) {
    for (const scheme of ["light", "dark"]) {
      const is = (right, text) => right || wrong.push(`${name} at ${width}, ${scheme}: ${text}`);
      const page = await browser.newPage();
      page.on("console", (said) => is(false, `console: ${said.text()}`));
      page.on("pageerror", (error) => is(false, String(error)));
      page.on("request", (request) => is(request.url().startsWith("file:"), `asks for ${request.url()}`));
      await page.setViewport({ width, height: 900 });
      await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);
      await page.goto(pathToFileURL(join(folder, name)).href);
      is(!(await overflow(page)), `too wide: ${await overflow(page)}`);
      if (screenshots) {
        const path = join(screenshots, `${name.replace(".html", "")}-${width}-${scheme}.png`);
        await page.screenshot({ path, fullPage: true });
      }
      const ground = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
      const light = ground.match(/\d+/g).map(Number)[0] > 127;
      is(light === (scheme === "light"), `the ground is ${ground}`);
      if (scheme === "light") {
        if (width === 1280) await ways(page, is);
        await keys(page, is);
      }
      await page.evaluate(() => document.querySelectorAll("details").forEach((one) => { one.open = true; }));
      is(!(await overflow(page)), `too wide with everything open: ${await overflow(page)}`);
      await page.setBypassCSP(true);
      await page.reload();
      await page.evaluate(() => document.querySelectorAll("details").forEach((one) => { one.open = true; }));
      await page.evaluate(axe);
      const found = await page.evaluate(async () => {
        const { violations } = await axe.run(document, { resultTypes: ["violations"] });
        return violations.map((one) => `${one.id}, ${one.nodes.length} times: ${one.nodes[0].html.slice(0, 200)}`);
      });
      for (const one of found) is(false, `axe: ${one}`);
      await page.emulateMediaType("print");
      is(!(await overflow(page)), `too wide on paper: ${await overflow(page)}`);
      await page.close();
    }
  }
}
await browser.close();
for (const one of wrong) console.log(one);
process.exitCode = wrong.length > 0 ? 1 : 0;
