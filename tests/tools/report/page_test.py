#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The page of `report --html` in Chromium, by clicks, keys and drags, as a file that loads nothing.

    page_test.py MADE_RECORDING HEAPMETER [PICTURES]        (tests/tools/report/made.cpp; where pictures of it are to be kept)"""
import os
import pathlib
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "flame"))
import browser  # noqa: E402

MADE, TOOL = (os.path.abspath(word) for word in sys.argv[1:3])
PICTURES = sys.argv[3] if len(sys.argv) > 3 else None
# What a person takes for at once.
REDRAW_MS = 100


class Shown:
    """A page of one recording, as a user finds his way about it."""

    def __init__(self, page, home, *kind, width=1280, height=800, dark=False):
        self.page, self.name = page, "-".join(kind)
        recording, self.path = pathlib.Path(home, f"{self.name}.hm"), pathlib.Path(home, f"{self.name}.html")
        if not self.path.exists():
            with recording.open("wb") as file:
                subprocess.run([MADE, *kind], stdout=file, check=True)
            subprocess.run([TOOL, "report", recording, "--html", self.path], check=True, env={**os.environ, "TZ": "UTC", "LC_ALL": "C.UTF-8", "HOME": home})
        page.size(width, height, dark)
        page.open(self.path)
        page.until("chart.view !== null")

    def __enter__(self):
        return self

    def __exit__(self, *failure):
        if not failure[0]:
            assert not self.page.errors, self.page.errors
            asked = [url for url in self.page.requests if not url.endswith(f"/{self.name}.html")]
            assert not asked, asked

    def drawn(self):
        self.page.run("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")

    def place(self, part_x, part_y=0.5, canvas="chart"):
        return self.page.run(f"""(() => {{ const at = element({canvas!r}).getBoundingClientRect();
                                  return [at.x + chart.left + (at.width - chart.left - 8) * {part_x}, at.y + at.height * {part_y}]; }})()""")

    def click(self, script):
        x, y = self.page.run(f"(() => {{ const at = ({script}).getBoundingClientRect(); return [at.x + at.width / 2, at.y + at.height / 2]; }})()")
        self.page.click(x, y)
        self.drawn()

    def key(self, name):
        self.page.key(name)
        self.drawn()

    def row(self, label):
        return f"lives.find((life) => life.label.startsWith({label!r})).row"

    def curves(self):
        return self.page.run("chart.view.curves.map((curve) => curve.name)")

    def text(self, name):
        return self.page.run(f"element({name!r}).innerText")

    def picture(self, name):
        if PICTURES:
            self.page.picture(pathlib.Path(PICTURES, f"{name}.png"))


def shows_who_grew_and_who_was_killed(page, home):
    with Shown(page, home, "shop") as shown:
        assert "19 processes on host" in page.run("document.title"), page.run("document.title")
        assert "The kernel killed 1 process for want of memory" in shown.text("notes")
        words = page.run("lives.map((life) => [life.label, life.words])")
        assert words[0][0] == "worker (4001)" and "as the OOM killer struck" in words[0][1], words[0]
        assert words[1][0] == "checkout (4000)" and words[1][1].startswith("grows 3.4"), words[1]
        assert {"worker (4001)", "checkout (4000)"} <= set(shown.curves()), shown.curves()
        shown.picture("shop")


def goes_by_the_clock_when_it_is_set(page, home):
    with Shown(page, home, "shop"):
        def labels(zone, from_s, until_s):
            page.ask("Emulation.setTimezoneOverride", timezoneId=zone)
            return page.run(f"(() => {{ const {{ all, step }} = timeTicks({from_s}, {until_s}, 8); return all.map((time) => timeLabel(time, step)).join(', '); }})()")

        # To summer time on 31 March 2024 at 01:00 UTC, and back on 27 October.
        spring, autumn, hour = 1_711_846_800, 1_729_990_800, 3600
        # At midnight, forward: on 8 September and on 26 April.
        santiago, cairo = 1_725_768_000, 1_714_082_400
        try:
            again = labels("Europe/Berlin", autumn - 2 * hour, autumn + 2 * hour)
            assert again == "01:00, 01:30, 02:00, 02:30, 02:00 CET, 02:30 CET, 03:00, 03:30, 04:00", again
            days = labels("Europe/Berlin", autumn - 72 * hour, autumn + 72 * hour)
            assert days == "25 Oct, 26 Oct, 27 Oct, 28 Oct, 29 Oct, 30 Oct", days
            days = labels("Europe/Berlin", spring - 72 * hour, spring + 72 * hour)
            assert days == "29 Mar, 30 Mar, 31 Mar, 1 Apr, 2 Apr, 3 Apr", days
            hours = labels("Europe/Berlin", autumn - 11 * hour, autumn + 11 * hour)
            assert hours == "18:00, 21:00, 27 Oct, 03:00, 06:00, 09:00, 12:00", hours
            # What the clock leaves out has no mark: two o'clock there, and midnights where it is set then.
            hours = labels("Europe/Berlin", spring - hour / 2, spring + 13.5 * hour)
            assert hours == "04:00, 06:00, 08:00, 10:00, 12:00, 14:00, 16:00", hours
            days = labels("America/Santiago", santiago - 72 * hour, santiago + 72 * hour)
            assert days == "5 Sept, 6 Sept, 7 Sept, 9 Sept, 10 Sept, 11 Sept", days
            days = labels("Africa/Cairo", cairo - 72 * hour, cairo + 72 * hour)
            assert days == "23 Apr, 24 Apr, 25 Apr, 27 Apr, 28 Apr, 29 Apr", days
            # Where it is set back to the first of them, that is no mark before the axis.
            hours = labels("Europe/Berlin", autumn, autumn + 14 * hour)
            assert hours == "04:00, 06:00, 08:00, 10:00, 12:00, 14:00, 16:00", hours
        finally:
            page.ask("Emulation.setTimezoneOverride", timezoneId="")


def tells_the_figures_of_a_moment(page, home):
    with Shown(page, home, "shop") as shown:
        page.point(*shown.place(0.25))
        page.until("state.pointed !== null")
        shown.drawn()
        told = shown.text("told")
        assert "checkout (4000)" in told and "worker (4001)" in told and "together" in told, told
        page.point(*shown.place(0.9))
        shown.drawn()
        assert "worker (4001)" not in shown.text("told"), "it had ended by then"


def zooms_by_dragging_by_the_wheel_and_by_keys_and_goes_back(page, home):
    with Shown(page, home, "shop") as shown:
        whole = page.run("[state.from, state.until]")
        (x, y), (to, _) = shown.place(0.25), shown.place(0.5)
        page.ask("Input.dispatchMouseEvent", type="mouseMoved", x=x, y=y)
        page.ask("Input.dispatchMouseEvent", type="mousePressed", x=x, y=y, button="left", clickCount=1)
        page.ask("Input.dispatchMouseEvent", type="mouseMoved", x=to, y=y, button="left")
        shown.drawn()
        assert page.run("state.drag !== null")
        page.ask("Input.dispatchMouseEvent", type="mouseReleased", x=to, y=y, button="left", clickCount=1)
        shown.drawn()
        start, end = page.run("[state.from, state.until]")
        assert abs(start - whole[0] - 3600) < 60 and abs(end - whole[0] - 7200) < 60, (start - whole[0], end - whole[0])
        page.ask("Input.dispatchMouseEvent", type="mouseWheel", x=x, y=y, deltaX=0, deltaY=-100)
        page.until(f"state.until - state.from < {0.9 * (end - start)}")
        shown.key("ArrowRight")
        assert page.run("state.from") > start
        shown.key("Escape")
        assert page.run("[state.from, state.until]") == whole
        assert page.run("element('back').disabled")
        shown.key("+")
        assert abs(page.run("state.until - state.from") - (whole[1] - whole[0]) / 2) < 1
        shown.click("element('back')")
        assert page.run("[state.from, state.until]") == whole


def writes_every_label_whole(page, home):
    with Shown(page, home, "shop") as shown:
        # From one full hour to another: the first and the last label are of the chart's own edges.
        for width in (1280, 820, 400):
            page.size(width, 800)
            beyond = page.run("""(() => {
                const context = chart.context, write = context.fillText.bind(context), found = [];
                context.fillText = (text, x, y) => {
                    const half = context.measureText(text).width, [left, right] = { center: [half / 2, half / 2], right: [half, 0], left: [0, half] }[context.textAlign];
                    if (x - left < 0 || x + right > chart.width) found.push(text);
                    write(text, x, y);
                };
                chart.draw({ ...chart.view, from: Math.ceil(from / 3600) * 3600, until: Math.floor(until / 3600) * 3600 });
                delete context.fillText;
                return found; })()""")
            assert not beyond, (width, beyond)


def shows_one_alone_with_its_code(page, home):
    with Shown(page, home, "shop") as shown:
        before = shown.curves()
        shown.click(shown.row("checkout") + ".querySelector('button')")
        assert shown.curves() == ["Live", "Heap resident", "RSS"], shown.curves()
        assert "checkout (4000)" in shown.text("code-title")
        names = page.run("[...element('code-names').children].map((each) => each.innerText)")
        assert len(names) == 3 and names[0].startswith("412 MiB") and "checkout" in names[0], names
        shown.picture("alone")
        shown.key("Escape")
        assert shown.curves() == before and page.run("element('code').hidden")
        shown.click(shown.row("catalogue") + ".querySelector('button')")
        assert page.run("element('code').hidden"), "its code was not told apart"
        page.run("lives.find((life) => life.label.startsWith('checkout')).code = { untold: 'for this reason' }")
        shown.click(shown.row("checkout") + ".querySelector('button')")
        assert shown.text("code-title") == "Which code held it: checkout (4000): not told, for this reason", shown.text("code-title")
        assert page.run("['code-chart', 'code-names'].every((name) => element(name).getClientRects().length === 0)")


def chooses_processes(page, home):
    with Shown(page, home, "shop") as shown:
        shown.click("element('growing')")
        assert sorted(shown.curves()) == ["checkout (4000)", "worker (4001)"], shown.curves()
        shown.click(shown.row("search") + ".querySelector('input')")
        assert "search (4002)" in shown.curves()
        shown.click(shown.row("search") + ".querySelector('input')")
        assert "search (4002)" not in shown.curves()
        shown.click("element('all')")
        assert len(shown.curves()) == 19
        shown.key("/")
        page.type("prefork")
        page.until("lives.filter((life) => !life.row.hidden).length === 14")


def draws_each_measure_and_sums(page, home):
    with Shown(page, home, "shop") as shown:
        live = page.run("chart.high")
        for at, name in enumerate(page.run("MEASURES.map(([, name]) => name)")):
            page.run(f"element('measure').value = {at}; element('measure').dispatchEvent(new Event('change'))")
            shown.drawn()
            assert page.run("chart.high > chart.low && Number.isFinite(chart.high)"), name
        page.run("element('measure').value = 0; element('measure').dispatchEvent(new Event('change'))")
        shown.key("s")
        assert page.run("chart.high") > live, "a sum is more than its largest part"
        shown.picture("stacked")
        shown.key("s")
        shown.key("z")
        assert page.run("chart.low") >= 0 and page.run("state.zero") is False, (page.run("chart.low"), page.run("state"))


def keeps_names_from_doing_anything(page, home):
    with Shown(page, home, "shop") as shown:
        assert page.run("document.querySelectorAll('img, script').length") == 2, "an element came of a name"
        labels = page.run("lives.map((life) => life.label)")
        assert any("</script>" in label for label in labels), labels
        shown.click(shown.row("</script>") + ".querySelector('button')")
        assert page.run("state.alone !== null")


def is_readable_in_the_dark_and_on_a_narrow_screen(page, home):
    with Shown(page, home, "shop", dark=True) as shown:
        assert page.run("document.documentElement.dataset.theme") == "dark"
        shown.picture("dark")
        shown.click("element('theme')")
        assert page.run("document.documentElement.dataset.theme") == "light"
    with Shown(page, home, "shop", width=400, height=800) as shown:
        assert page.run("document.documentElement.scrollWidth") <= 400, page.run("document.documentElement.scrollWidth")
        shown.picture("narrow")


def is_quick_with_a_crowd(page, home):
    with Shown(page, home, "crowd", "50", "21600") as shown:
        shown.click("element('all')")
        times = page.run("""(async () => { const all = []; for (let at = 0; at < 12; ++at) { const start = performance.now(); zoomAround((from + until) / 2, at % 2 ? 2 : 0.5);
                            await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))); all.push(performance.now() - start); } return all; })()""")
        # Of some, the one when the machine had least else to do.
        drawing = page.run(f"""(() => {{ let least = Infinity; for (let at = 0; at < 5 || (least > {REDRAW_MS} && at < 60); ++at) {{
                               const start = performance.now(); chart.draw({{ ...chart.view }}); least = Math.min(least, performance.now() - start); }} return least; }})()""")
        print(f"a redraw of 50 curves: {drawing:.0f} ms, to the screen {min(times):.0f} ms")
        assert drawing < REDRAW_MS, (drawing, times)


CASES = [shows_who_grew_and_who_was_killed, goes_by_the_clock_when_it_is_set, tells_the_figures_of_a_moment, writes_every_label_whole, zooms_by_dragging_by_the_wheel_and_by_keys_and_goes_back,
         shows_one_alone_with_its_code, chooses_processes, draws_each_measure_and_sums, keeps_names_from_doing_anything,
         is_readable_in_the_dark_and_on_a_narrow_screen, is_quick_with_a_crowd]

with tempfile.TemporaryDirectory() as home, browser.browser() as page:
    for case in CASES:
        case(page, home)
        print(f"ok {case.__name__}", flush=True)
