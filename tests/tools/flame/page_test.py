#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The page of `sites --flame` in Chromium, by clicks, keys and searches, as a file that loads nothing.

    page_test.py PICTURES        (tests/tools/flame/pictures.cpp)"""
import os
import pathlib
import subprocess
import sys
import tempfile

import browser

PICTURES = os.path.abspath(sys.argv[1])
MIB = 1 << 20
# What a person takes for at once is a tenth of a second; of what makes the tree anew, a whole one.
REDRAW_MS, REBUILD_MS = 100, 1000


class Shown:
    """A page that shows one of the pictures, as a user finds his way about it."""

    def __init__(self, page, home, kind, width=1280, height=800, dark=False):
        self.page, self.kind = page, kind
        path = pathlib.Path(home, f"{kind}.html")
        with path.open("wb") as file:
            subprocess.run([PICTURES, kind, "html"], stdout=file, check=True)
        page.size(width, height, dark)
        page.open(path)
        page.until("drawing.boxes.length > 0")

    def __enter__(self):
        return self

    def __exit__(self, *failure):
        if not failure[0]:
            assert not self.page.errors, self.page.errors
            asked = [url for url in self.page.requests if not url.endswith(f"/{self.kind}.html")]
            assert not asked, asked

    def texts(self):
        """What the frames say, by row: of those drawn now."""
        return self.page.run("""drawing.boxes.map((box) => [Math.round(box.y / ROW), box.node ? nameOf(box.node).name : 'all',
                                tree.after[box.node], Math.round(box.width)])""")

    def names(self):
        return [name for _, name, _, _ in self.texts()]

    def place(self, name):
        place = self.page.run(f"""(() => {{
            const box = drawing.boxes.filter((each) => each.node && nameOf(each.node).name === {name!r}).sort((a, b) => b.width - a.width)[0];
            const canvas = element('canvas').getBoundingClientRect();
            return box ? [canvas.x + box.x + box.width / 2, canvas.y + box.y + ROW / 2] : null; }})()""")
        assert place, (name, self.names())
        return place

    def drawn(self):
        self.page.run("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")

    def click_frame(self, name):
        self.page.click(*self.place(name))
        self.drawn()

    def click(self, selector):
        x, y = self.page.run(f"""(() => {{ const at = document.querySelector({selector!r}).getBoundingClientRect();
                                          return [at.x + at.width / 2, at.y + at.height / 2]; }})()""")
        self.page.click(x, y)
        self.drawn()

    def key(self, name):
        self.page.key(name)
        self.drawn()

    def text(self, name):
        return self.page.run(f"element({name!r}).innerText")

    def type(self, text):
        self.page.run("element('search').focus(); element('search').select()")
        self.page.type(text)
        self.drawn()

    def row(self, at):
        return self.page.run(f"[...element('rows').rows[{at}].cells].map((cell) => cell.innerText)")


INSERT = "Cache::insert(std::string const&, std::vector<char>&&)"


def shows_who_holds_what(page, home):
    with Shown(page, home, "shop") as shown:
        rows = {(row, name): value for row, name, value, _ in shown.texts()}
        assert rows[0, "all"] == 78 * MIB and rows[1, "main"] == 76 * MIB and rows[4, INSERT] == 46 * MIB, rows
        assert page.run("document.title") == "shop" and shown.text("notes") == "stacks of a test"
        assert shown.row(0) == ["49.0 MiB", "49.0 MiB", "Cache::insert"], shown.row(0)
        assert shown.text("modules").split() == ["shop", "libsqlite3.so.0", "libcrypto.so.3", "libssl.so.3", "libc.so.6", "libz.so.1"]
        page.point(*shown.place("SSL_read"))
        page.until("element('chosen').innerText.includes('SSL_read')")
        assert "9.00 MiB, 11.5 %" in shown.text("chosen") and "16.4 % of its caller" in shown.text("chosen"), shown.text("chosen")


def tells_apart_what_looks_alike(page, home):
    with Shown(page, home, "alike") as shown:
        assert [shown.row(at)[2] for at in range(3)] == ["void hold<1>(int)", "void hold<2>(int)", "put"], [shown.row(at) for at in range(3)]
        assert shown.text("modules").split("\n") == ["shop", "in no file"], shown.text("modules")


def lists_who_allocates_whichever_way_stacks_are_turned(page, home):
    for kind in ("shop", "compared"):
        with Shown(page, home, kind) as shown:
            def rows():
                return [shown.row(at) for at in range(page.run("element('rows').rows.length"))]

            own = rows()
            shown.click("#reverse")
            assert rows() == own and len(own) > 1, (own, rows())
            shown.click("#by-total")
            totals = rows()
            shown.click("#reverse")
            assert rows() == totals, (totals, rows())


def writes_figures_as_the_tool_does(page, home):
    with Shown(page, home, "empty"):
        for amount, unit, text in ((0, "bytes", "0 B"), (1023, "bytes", "1023 B"), (1024, "bytes", "1.00 KiB"), (10235, "bytes", "10.0 KiB"),
                                   (1048473, "bytes", "1.00 MiB"), (5 << 60, "bytes", "5120 PiB"), (999, "count", "999"), (1000, "count", "1.00k"),
                                   (99950, "count", "100k"), (999999, "count", "1.00M")):
            assert page.run(f"figure({amount}, '{unit}')") == text, (amount, unit, page.run(f"figure({amount}, '{unit}')"))


def zooms_by_click_and_goes_back(page, home):
    with Shown(page, home, "shop") as shown:
        whole = {name: width for _, name, _, width in shown.texts()}
        shown.click_frame("load_catalogue(char const*)")
        now = {name: width for _, name, _, width in shown.texts()}
        assert now["load_catalogue(char const*)"] == now["all"] == whole["all"], now
        assert "Server::run()" not in now and now["sqlite3_step"] > 3 * whole["sqlite3_step"], now
        shown.key("Escape")
        assert shown.names().count("Server::run()") == 1
        assert page.run("element('back').disabled")


def searches_by_a_regular_expression(page, home):
    with Shown(page, home, "shop") as shown:
        shown.key("/")
        page.type("^(ssl|crypto)_")
        page.until("element('found').innerText === 'matched: 11.5 %, 9.00 MiB'")  # SSL_read holds all of CRYPTO_zalloc's
        shown.type("catalogue\\.cpp:12|pool")
        page.until("element('found').innerText.startsWith('matched: ')")
        shown.type("(")
        page.until("element('found').innerText === 'not a regular expression' && matched === null")
        shown.key("Escape")
        shown.key("Escape")
        page.until("element('search').value === '' && element('found').innerText === ''")
        shown.click("#rows button")
        page.until("element('found').innerText === 'matched: 62.8 %, 49.0 MiB'")


def turns_to_callers_flame_and_lines(page, home):
    with Shown(page, home, "shop") as shown:
        shown.click("#reverse")
        rows = {(row, name): value for row, name, value, _ in shown.texts()}
        assert rows[1, INSERT] == 49 * MIB and rows[2, "Session::answer(Request const&)"] == 46 * MIB, rows
        shown.key("r")
        shown.click("#flame")
        rows = {name: row for row, name, _, _ in shown.texts()}
        assert rows["all"] > rows["main"] > rows["CRYPTO_zalloc"], rows
        shown.key("i")
        shown.click("#lines")
        values = sorted(value for _, name, value, _ in shown.texts() if name == INSERT)
        assert values == [3 * MIB, 6 * MIB, 40 * MIB], values


def keeps_one_function_alone(page, home):
    with Shown(page, home, "shop") as shown:
        shown.click_frame("Session::answer(Request const&)")
        shown.click("#only")
        rows = {(row, name): value for row, name, value, _ in shown.texts()}
        assert rows == {(0, "all"): 55 * MIB, (1, "Session::answer(Request const&)"): 55 * MIB, (2, INSERT): 46 * MIB,
                        (2, "SSL_read"): 9 * MIB, (3, "CRYPTO_zalloc"): 9 * MIB}, rows
        shown.click("#reverse")
        assert shown.names() == ["all", "Session::answer(Request const&)", "Server::run()", "main"], shown.names()
        shown.key("Escape")
        assert len(shown.names()) > 5


def changes_the_measure(page, home):
    with Shown(page, home, "shop") as shown:
        options = page.run("[...element('measure').options].map((option) => option.text)")
        assert options == ["live bytes", "live blocks", "allocated bytes", "allocations"], options  # what there is something of
        page.run("element('measure').focus()")
        page.run("element('measure').value = 3; element('measure').dispatchEvent(new Event('change'))")
        shown.drawn()
        assert shown.texts()[0][2] == 18, shown.texts()
        assert shown.row(0)[:2] == ["9", "9"], shown.row(0)


def shows_the_peak(page, home):
    with Shown(page, home, "peak") as shown:
        options = page.run("[...element('measure').options].map((option) => option.text)")
        assert options[4:] == ["bytes at the peak", "blocks at the peak"], options
        live = shown.names()
        page.run("element('measure').value = 4; element('measure').dispatchEvent(new Event('change'))")
        shown.drawn()
        assert shown.texts()[0][2] == 168 * MIB, shown.texts()
        assert "load_catalogue(char const*)" in shown.names() and "Server::run()" not in shown.names(), shown.names()
        page.run("element('measure').value = 0; element('measure').dispatchEvent(new Event('change'))")
        shown.drawn()
        assert shown.names() == live, shown.names()


def is_walked_through_by_keys(page, home):
    with Shown(page, home, "shop") as shown:
        page.run("element('canvas').focus()")
        for key, there in (("Home", "all"), ("ArrowDown", "main"), ("ArrowRight", "start_thread"), ("ArrowLeft", "main"),
                           ("ArrowDown", "Server::run()"), ("ArrowRight", "load_catalogue(char const*)"), ("ArrowUp", "main")):
            shown.key(key)
            assert shown.text("chosen").split("\n")[0] == there, (key, shown.text("chosen"))
        shown.key("ArrowDown")
        shown.key("Enter")
        assert "load_catalogue(char const*)" not in shown.names()
        reached = []
        for _ in range(24):
            shown.key("Tab")
            reached.append(page.run("document.activeElement.id || document.activeElement.tagName"))
        for there in ("measure", "reverse", "flame", "lines", "search", "theme", "canvas", "by-self"):
            assert there in reached, (there, reached)


def tells_growth_from_shrinking(page, home):
    with Shown(page, home, "compared") as shown:
        assert shown.text("modules").split() == ["grew", "unchanged", "shrank"]
        assert "SSL_read" not in shown.names()  # it has not changed
        shown.click("#unchanged")
        colour = {name: page.run(f"""(() => {{ const box = drawing.boxes.find((each) => each.node && nameOf(each.node).name === {name!r});
            return [...drawing.context.getImageData(box.x + 1, box.y + 1, 1, 1).data].slice(0, 3); }})()""")
                  for name in ("Server::run()", "sqlite3_step", "SSL_read")}
        red, blue, grey = colour.values()
        assert red[0] > red[2] + 60 and blue[2] > blue[0] + 40 and max(grey) - min(grey) < 4, colour
        shown.click("#unchanged")
        assert shown.row(0) == ["+39.0 MiB", "+39.0 MiB", "Cache::insert"], shown.row(0)
        assert shown.row(1)[0] == "\N{MINUS SIGN}10.0 MiB", shown.row(1)
        page.point(*shown.place("sqlite3_step"))
        page.until("element('chosen').innerText.includes('28.0 MiB → 18.0 MiB, \u221210.0 MiB')")


def takes_every_name_for_text(page, home):
    with Shown(page, home, "hostile") as shown:
        assert page.run("document.title") == "</script><script>window.broken = 1</script>"
        assert len(page.run("[...element('modules').children].map((each) => each.innerText)")) == 9
        for action in (lambda: shown.click("#reverse"), lambda: shown.click("#lines"), lambda: shown.click("#rows button")):
            action()
        page.run("tree.parent.forEach((_, node) => describe(node))")
        names = page.run("tree.names.map((each) => each.name)")
        for name in ("<img src=x onerror='window.broken = 2'>", "not??utf?", "line?separator?", "nothing?behind", "__proto__", "{data}{script}"):
            assert any(name in each for each in names), (name, names)
        assert page.run("document.querySelectorAll('img, svg, b b, script').length") == 2  # its data, and its own script
        assert page.run("window.broken") is None
    with Shown(page, home, "hostile") as shown:  # were there a way in, it would not do
        page.run("document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=\"window.broken = 1\">')")
        page.run("document.body.append(Object.assign(document.createElement('script'), {textContent: 'window.broken = 2'}))")
        shown.drawn()
        assert page.run("window.broken") is None
        assert any("Content Security Policy" in error for error in page.errors), page.errors
        page.errors.clear()
        page.requests.clear()  # for the picture, which it did not get either


def stays_smooth_with_many_frames(page, home):
    def took(script):
        """Milliseconds, of nine times the one when the machine had least else to do: what others leave of its caches counts, too."""
        return min(page.takes(f"(() => {{ {script}; }})()") for _ in range(9))
    with Shown(page, home, "large") as shown:
        assert page.run("tree.parent.length") > 49000
        draw = "drawing.draw({ tree, label, matched, ...state })"
        took_ms = {"redraw": took(draw), "zoom": took(f"zoom(tree.childrenOf(0)[0]); {draw}"),
                   "callers": took(f"turn('reversed'); {draw}"), "search": took(f"element('search').value = 'Function[0-9]*7<'; changeSearch(); {draw}")}
        print("50,000 frames:", ", ".join(f"{what} {time:.1f} ms" for what, time in took_ms.items()))
        assert all(time < (REDRAW_MS if what in ("redraw", "zoom") else REBUILD_MS) for what, time in took_ms.items()), took_ms
        assert page.run("drawing.boxes.length") < 5000  # what is too narrow to be seen is not visited
        # The widest: of many callers the first may be narrower than a pixel, and a click beside it.
        shown.click_frame(max((each for each in shown.texts() if each[0] == 1), key=lambda each: each[3])[1])
        assert not page.run("element('back').disabled")


def is_as_deep_as_a_stack(page, home):
    with Shown(page, home, "deep") as shown:
        assert page.run("tree.deepest") == 20000
        page.run("element('scroller').scrollTop = element('scroller').scrollHeight")
        shown.drawn()
        assert page.run("Math.max(...drawing.boxes.map((box) => tree.depth[box.node]))") == 20000
        assert shown.row(0)[1:] == ["4.00 KiB", "odd"], shown.row(0)  # once, though it calls itself
        shown.click("#reverse")
        assert page.run("tree.deepest") == 20000


def fits_in_any_window(page, home):
    for width, height, dark in ((1280, 800, False), (1280, 800, True), (600, 900, False), (360, 640, True)):
        for kind in ("shop", "hostile", "held", "empty"):
            with Shown(page, home, kind, width, height, dark):
                assert page.run("document.documentElement.scrollWidth <= window.innerWidth"), (kind, width)
                assert page.run("element('canvas').getBoundingClientRect().height") >= 100, (kind, width)
                assert (page.run("getComputedStyle(document.body).backgroundColor") != "rgb(255, 255, 255)") == dark
    with Shown(page, home, "shop") as shown:
        shown.click("#theme")
        assert page.run("getComputedStyle(document.body).backgroundColor") != "rgb(255, 255, 255)"


def says_who_points_at_what_is_clicked(page, home):
    def rows():
        return page.run("[...element('holder-rows').children].map((row) => row.innerText.replace(/\\s+/g, ' ').trim())")
    with Shown(page, home, "shop"):
        assert page.run("getComputedStyle(element('holders')).display") == "none"  # nobody asked
    with Shown(page, home, "held") as shown:
        assert shown.text("held") == "Who points at blocks of all (of its 6 stacks, 5 were asked about):", shown.text("held")
        assert rows()[:2] == ["12.3k blocks from Cache::insert cache.cpp:44 at +8", "1.00k blocks from Server::run() server.cpp:31 at +24"], rows()
        shown.click_frame(INSERT)  # the larger, in the server
        assert shown.text("held") == "Who points at blocks of Cache::insert:", shown.text("held")
        assert rows() == ["1.00k blocks from Server::run() server.cpp:31 at +24", "5 the_cache (shop)"], rows()
        shown.key("Escape")
        shown.click_frame("SSL_read")
        assert rows() == ["12.3k blocks from Cache::insert cache.cpp:44 at +8"], rows()
        shown.click("#holder-rows button")  # and on to who points at those
        assert shown.text("held") == "Who points at blocks of Cache::insert:", shown.text("held")
        assert rows()[0].startswith("1.00k"), rows()
        shown.click_frame("sqlite3_step")
        assert rows() == ["7 <img src=x onerror='window.broken = 1'>"] and page.run("window.broken") is None, rows()
        shown.key("Escape")
        shown.click_frame("worker(void*)")
        assert shown.text("held") == "Who points at blocks of worker was not asked." and rows() == [], shown.text("held")
        shown.key("Escape")
        shown.click("#reverse")
        shown.click_frame("CRYPTO_zalloc")
        assert rows() == ["12.3k blocks from Cache::insert cache.cpp:44 at +8"], rows()
        shown.click("#holder-rows button")
        assert rows()[0].startswith("1.00k"), rows()


def says_that_there_is_nothing(page, home):
    with Shown(page, home, "empty") as shown:
        assert shown.text("chosen") == "No stack has any of this.", shown.text("chosen")
    with Shown(page, home, "nothing") as shown:
        assert shown.text("chosen") == "No stack has any of this.", shown.text("chosen")
    with Shown(page, home, "unchanged") as shown:
        assert shown.text("chosen") == "Nothing of this grew or shrank; Unchanged too shows what there is.", shown.text("chosen")
        shown.click("#unchanged")
        assert "main" in shown.names() and shown.text("chosen").startswith("Point at a function"), (shown.names(), shown.text("chosen"))


def draws_names_in_the_svg_as_text(page, home):
    path = pathlib.Path(home, "hostile.svg")
    with path.open("wb") as file:
        subprocess.run([PICTURES, "hostile", "svg"], stdout=file, check=True)
    page.size(1280, 800)
    page.open(path)
    assert not page.errors, page.errors
    assert page.run("[document.querySelectorAll('script, img, svg svg').length, window.broken, document.querySelector('parsererror')]") == [0, None, None]


CASES = [shows_who_holds_what, tells_apart_what_looks_alike, lists_who_allocates_whichever_way_stacks_are_turned,
         writes_figures_as_the_tool_does, zooms_by_click_and_goes_back, searches_by_a_regular_expression, turns_to_callers_flame_and_lines,
         keeps_one_function_alone, changes_the_measure, shows_the_peak, is_walked_through_by_keys, tells_growth_from_shrinking,
         takes_every_name_for_text, stays_smooth_with_many_frames, is_as_deep_as_a_stack, fits_in_any_window,
         says_who_points_at_what_is_clicked, says_that_there_is_nothing, draws_names_in_the_svg_as_text]

with browser.browser() as only_page, tempfile.TemporaryDirectory() as directory:
    for case in CASES:
        case(only_page, directory)
        print(f"ok: {case.__name__}")
