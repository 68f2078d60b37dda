#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The arithmetic and the tables of the comparison, on made-up figures; and a run of the smallest workload under everyone who is
here: results_test.py LIBRARY MICRO."""
import json
import pathlib
import subprocess
import sys
import tempfile
import unittest
import xml.dom.minidom

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import plot
import readme_table
import results

LIBRARY, MICRO = sys.argv[1:3]


def figures(*cpu, rss=1000):
    return {"cpu": list(cpu), "wall": list(cpu), "rss_kib": [rss] * len(cpu)}


DATA = {
    "schema": 1, "date": "2020-02-02", "machine": {}, "versions": {}, "runs": 3, "missing": {"massif": "not here"}, "operations": {"spin": 1_000_000_000},
    "bars": {"one": 1.06, "spin": 1.1, "not run": 1.0},
    "kinds": {"one": "program", "two": "program", "spin": "loop"},
    "results": {
        "one": {"glibc": figures(1, 2, 9), "mimalloc": figures(1, 1, 1), "heapmeter": figures(1.5, 0.5, 1),
                "heaptrack": figures(80)},
        "two": {"glibc": figures(4, 4, 4), "mimalloc": figures(4, 4, 4), "heapmeter": figures(2, 2, 2, rss=1500),
                "heaptrack": {"failed": "ended with 1"}},
        "spin": {"glibc": figures(1), "mimalloc": figures(0.5), "heapmeter": figures(0.6)},
    },
}


class Results(unittest.TestCase):
    def test_median_ignores_the_odd_run_out(self):
        self.assertEqual(results.median(figures(1, 2, 9), "cpu"), 2)

    def test_spread_is_a_share_of_the_median(self):
        self.assertEqual(results.spread(figures(1, 2, 4)), 1.5)

    def test_ratio_needs_both(self):
        self.assertEqual(results.ratio(DATA["results"]["one"], "heapmeter", "glibc"), 0.5)
        self.assertIsNone(results.ratio(DATA["results"]["two"], "heaptrack", "glibc"))
        self.assertIsNone(results.ratio(DATA["results"]["spin"], "heaptrack", "glibc"))

    def test_geometric_mean_leaves_out_who_did_not_run(self):
        self.assertAlmostEqual(results.geometric_mean([0.5, None, 2.0]), 1)
        self.assertIsNone(results.geometric_mean([None]))

    def test_table(self):
        taken = results.of_kind(DATA, "program")
        table = results.text_table(results.rows(taken, results.contenders_of(DATA), "glibc"))
        self.assertEqual(table, """\
                 glibc  mimalloc  heapmeter  heaptrack
one             2.00 s      0.50       0.50         40
two             4.00 s      1.00       0.50     failed
geometric mean              0.71       0.50         40
""")

    def test_cost_of_an_operation(self):
        self.assertEqual(results.text_table(results.per_operation(DATA, ["glibc", "heapmeter", "heaptrack"])), """\
ns of CPU an operation  glibc  heapmeter  heaptrack
spin                      1.0        0.6          -
""")

    def test_verdict_on_each_bar(self):
        self.assertEqual(results.text_table(results.verdicts(DATA)), """\
heapmeter ÷ mimalloc             CPU   bar
one                             1.00  1.06     met
spin                            1.20  1.10  missed
geometric mean of the programs  0.71  1.03     met
""")
        self.assertIn("spin                            1.20  1.10  missed\n", results.report(DATA))

    def test_report_names_who_took_no_part(self):
        text = results.report(DATA)
        self.assertIn("massif took no part: not here\n", text)
        self.assertIn("two                   0.50  0.50  1.50      0%\n", text)

    def test_plot_is_xml_with_a_dot_for_each_ratio(self):
        document = xml.dom.minidom.parseString(plot.svg(DATA))
        self.assertEqual(len(document.getElementsByTagName("circle")), 7)


def data_of_stacks():
    figures = {"glibc": ([2.0], [1000]), "heapmeter every": ([2.0], [1500]), "heaptrack": ([8.0], [3000])}
    taken = {name: {"cpu": cpu, "wall": cpu, "rss_kib": rss} for name, (cpu, rss) in figures.items()}
    return {**DATA, "machine": {"processor": "abacus", "cores": 2, "load": 1.0}, "missing": {}, "kinds": {"one": "program"},
            "results": {"one": taken}}


class Stacks(unittest.TestCase):
    def test_verdicts_are_on_each_aim(self):
        data = data_of_stacks()
        figures = data["results"]["one"]
        figures["heapmeter"] = {"cpu": [1.0], "wall": [1.0], "rss_kib": [1000]}
        figures["heapmeter 512K"] = {"cpu": [1.0], "wall": [1.0], "rss_kib": [1000]}
        rows = {row[0]: row[1:] for row in results.verdicts_of_stacks(data)[1:]}
        self.assertEqual(rows["every allocation ÷ glibc, geometric mean"], ["1.35", "1.00", "met"])
        self.assertEqual(rows["what every allocation adds ÷ what heaptrack adds, the worst of the others"], ["0.15", "0.00 (one)", "met"])
        self.assertEqual(rows["peak resident memory, every allocation ÷ counting, the worst"], ["1.40", "1.50 (one)", "missed"])
        self.assertEqual(rows["one sample in 512 KiB ÷ counting, geometric mean"], ["1.01", "1.00", "met"])
        figures["glibc"]["cpu"] = [1.0]
        rows = {row[0]: row[1:] for row in results.verdicts_of_stacks(data)[1:]}
        self.assertEqual(rows["every allocation ÷ heaptrack, the worst where glibc takes less than 0.2 of it"], ["0.25", "0.25 (one)", "met"])
        self.assertEqual(rows["every allocation ÷ glibc, the worst"], ["1.50", "2.00 (one)", "missed"])

    def test_of_two_calls_the_later_counts(self):
        earlier, later = {"a": {"x": 1, "y": 2}, "b": {"x": 3}}, {"a": {"y": 4}, "c": {"x": 5}}
        self.assertEqual(results.merged(earlier, later), {"a": {"x": 1, "y": 4}, "b": {"x": 3}, "c": {"x": 5}})

    def test_least_of_several_runs(self):
        taken = {"glibc": {"cpu": [2.0, 1.0, 9.0]}, "heaptrack": {"cpu": [4.0, 3.0, 8.0]}}
        self.assertEqual(results.ratio(taken, "heaptrack", "glibc", of=min), 3.0)
        self.assertEqual(results.ratio(taken, "heaptrack", "glibc"), 2.0)


class Readme(unittest.TestCase):
    def test_only_what_is_between_the_marks_changes(self):
        for begin, end in (readme_table.marks("costs"), readme_table.marks("stacks")):
            marked = f"before\n{begin}old\n{end}after\n"
            self.assertEqual(readme_table.replaced(marked, "new\n", begin, end), marked.replace("old", "new"))
            with self.assertRaises(SystemExit):
                readme_table.replaced("no marks", "new", begin, end)

    def test_readme_beside_has_the_marks(self):
        begin, end = readme_table.marks("costs")
        self.assertIn("geometric mean", readme_table.README.read_text().partition(begin)[2].partition(end)[0])

    def test_section_of_stacks_has_two_tables(self):
        text = readme_table.section_of_stacks(data_of_stacks())
        self.assertIn("| one | 2.00 s | 1.00 | 4.00 |\n", text)
        self.assertIn("| one | 1000 KiB | 1.50 | 3.00 |\n", text)
        self.assertIn("takes 0.25 of heaptrack's time", text)

    def test_section_has_ratios_machine_and_date(self):
        machine = {"processor": "abacus", "cores": 2, "memory_gib": 1.0, "kernel": "6.1"}
        text = readme_table.section({**DATA, "machine": machine, "versions": {"libc6": "2.36"}})
        self.assertIn("| one | 2.00 s | 0.50 | 0.50 | 40 |\n", text)
        self.assertIn("Geometric mean of heapmeter: 0.50 of glibc, 0.71 of bare mimalloc. Largest spread of one cell: 400%.", text)
        self.assertIn("| spin | 1.0 | 0.5 | 0.6 |\n", text)
        self.assertIn("massif took no part: not here.\n", text)
        self.assertIn("abacus, 2 cores, 1.0 GiB, Linux 6.1; libc6 2.36; 2020-02-02, median of 3.\n", text)


class Smoke(unittest.TestCase):
    def test_own_program_under_everyone_here(self):
        compare = str(pathlib.Path(__file__).resolve().parent / "compare.py")
        with tempfile.TemporaryDirectory() as directory:
            json_file, svg_file = pathlib.Path(directory, "results.json"), pathlib.Path(directory, "plot.svg")
            library = pathlib.Path(directory, "libheapmeter.so")  # by a name without a blank, for LD_PRELOAD
            library.symlink_to(pathlib.Path(LIBRARY).resolve())
            done = subprocess.run([sys.executable, compare, "--library", str(library), "--runs", "2", "--json", str(json_file), "--svg",
                                   str(svg_file), "--", MICRO, "random", "1000", "100", "1"],
                                  capture_output=True, text=True, check=False)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
            data = json.loads(json_file.read_text())
            (taken,) = data["results"].values()
            for name in ("glibc", "mimalloc", "heapmeter", "heapmeter next"):
                self.assertEqual(len(taken[name]["cpu"]), 2, name)
                self.assertGreater(taken[name]["rss_kib"][0], 0)
            from_start = set(taken) | set(data["missing"])
            self.assertLessEqual({"jemalloc", "tcmalloc", "jemalloc profiling", "memusage", "heaptrack", "massif",
                                  "gperftools heap profiler"}, from_start)
            self.assertIn("Your program", done.stdout)
            self.assertTrue(svg_file.read_text().startswith("<svg "))

    def test_unknown_workload_is_named_with_the_known_ones(self):
        compare = str(pathlib.Path(__file__).resolve().parent / "compare.py")
        done = subprocess.run([sys.executable, compare, "--library", LIBRARY, "--workload", "nothing"], capture_output=True,
                              text=True, check=False)
        self.assertEqual(done.returncode, 2)
        self.assertIn("no workload 'nothing'; there are: python3 JSON, g++", done.stderr)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
