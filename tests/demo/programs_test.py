# SPDX-License-Identifier: MIT
"""The programs that run and end: what they print must be true, metered and not."""
import json
import os
import pathlib
import re
import subprocess
import tempfile
import unittest

PROGRAMS = pathlib.Path(os.environ["HEAPMETER_DEMO_DIR"])


def run(name, *arguments, code=0, **env):
    result = subprocess.run([PROGRAMS / name, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                            timeout=120, check=False, env={**os.environ, "HEAPMETER_SERVE": "off", **env})
    if result.returncode != code:
        raise AssertionError(f"{name} ended with {result.returncode}: {result.stdout}{result.stderr}")
    return result.stdout


def line_of(output, beginning):
    found = re.findall(rf"^ *{re.escape(beginning)} +(.*)$", output, re.MULTILINE)
    if len(found) != 1:
        raise AssertionError(f"{len(found)} lines begin with {beginning!r}: {output}")
    return found[0]


METERED = "not metered" not in run("tracking_tour")


class ProgramsTest(unittest.TestCase):
    def require_meter(self):
        if not METERED:
            self.skipTest("not metered: this build is not linked with libheapmeter, or HEAPMETER_OFF is set")

    def test_tracking_tour_sees_4000_bytes_and_one_block_and_back(self):
        self.require_meter()
        output = run("tracking_tour")
        readings = [tuple(int(number.replace(",", "")) for number in match) for match in
                    re.findall(r" ([\d,]+) bytes \(([+-]\d+)\), +([\d,]+) blocks \(([+-]\d+)\)", output)]
        initial, during, after = readings
        self.assertEqual(during, (initial[0] + 4000, 4000, initial[2] + 1, 1))
        self.assertEqual(after, initial)

    def test_ownership_moves_are_free_and_copies_are_not(self):
        self.require_meter()
        output = run("ownership")
        for step, cost in {
                "make it": "1 allocation, 59 bytes", "move it to another owner": "nothing",
                "copy it": "1 allocation, 59 bytes", "move it into a function, which drops it": "nothing",
                "pass a copy to a function": "1 allocation, 59 bytes", "read through a view": "nothing",
                "append through a reference, with room": "nothing", "move the ownership": "nothing",
                "give it to a function, which drops it": "nothing", "one more owner": "nothing",
                "a weak observer": "nothing", "shared_ptr(new int): object and count apart": "2 allocations, 28 bytes",
                "move the vector: three pointers": "nothing",
                "copy the vector: array and every text": "4 allocations, 273 bytes"}.items():
            self.assertEqual(line_of(output, step), cost, step)

    def test_pool_saves_every_allocation(self):
        self.require_meter()
        output = run("pool_allocator")
        self.assertRegex(line_of(output, "new and delete"), r"^1\.000 ")
        for row in ("Pool: lease and give back", "SharedPool: lease and give back", "std::pmr::list of 8, PoolResource"):
            self.assertRegex(line_of(output, row), r"^0\.000 ", row)
        self.assertRegex(line_of(output, "std::list of 8"), r"^8\.000 ")
        self.assertIn("surplus dropped, live bytes -1500", output)

    def test_worker_pool_leaves_nothing(self):
        self.require_meter()
        output = run("worker_pool")
        self.assertIn("live bytes +0", output)
        self.assertIn("Results\n  15\n  60\n  1000\n  3000\n", output)
        self.assertIn("  3\n  error: failed to receive response\n  error: failed to send message\n", output)

    def test_config_round_trips_and_explains_errors(self):
        output = run("config")
        self.assertIn("the same as saved: yes", output)
        self.assertIn("line 3: there is no '='", output)
        with tempfile.NamedTemporaryFile("w", suffix=".conf") as file:
            file.write("# mine\nport = 3000\n")
            file.flush()
            self.assertIn("\nport=3000\n", run("config", file.name))
        self.assertEqual(run("config", "/nonexistent", code=1), "")

    def test_benchmark_counts_exactly(self):
        self.require_meter()
        output = run("benchmark", "--benchmark_min_time=0.001")
        for row, counts in {"new and delete, 1500 bytes": "1.00 +1500.00", "Pool, 1500 bytes": "0.00 +0.00",
                            "hash map lookup, 1000": "0.00 +0.00", "linear search, 1000": "0.00 +0.00",
                            "hash map insert, 10000": r"100\d\d.00 +\d+.00"}.items():
            self.assertRegex(line_of(output, row), counts + "$", row)

    def test_benchmark_speaks_google_benchmarks_own_formats(self):
        output = run("benchmark", "--benchmark_format=json", "--benchmark_min_time=0.001", "--benchmark_filter=lookup")
        statistics = {run["aggregate_name"] for run in json.loads(output)["benchmarks"] if "aggregate_name" in run}
        self.assertLessEqual({"mean", "median", "min", "max"}, statistics)

    def test_without_a_meter_all_say_so_and_show_no_zeros(self):
        for name in ("tracking_tour", "ownership", "pool_allocator", "worker_pool", "config"):
            with self.subTest(name):
                output = run(name, HEAPMETER_OFF="1")
                self.assertIn("not metered", output)
                self.assertNotRegex(output, r"\d allocation|\+0\b|live bytes -?\d|nothing$")
        self.assertIn("not metered", run("benchmark", "--benchmark_min_time=0.001", "--benchmark_filter=^Pool",
                                         HEAPMETER_OFF="1"))

    def test_run_names_the_code_that_held_most(self):
        self.require_meter()
        # By a name that LD_PRELOAD can have, whatever the build's own is.
        with tempfile.NamedTemporaryFile() as summary, tempfile.TemporaryDirectory() as place:
            library = pathlib.Path(place, "libheapmeter.so")
            library.symlink_to(PROGRAMS.parent.resolve() / "shim" / library.name)
            subprocess.run([PROGRAMS.parent / "tools" / "heapmeter", "run", "--sites", "--json", "--output", summary.name,
                            "--", PROGRAMS / "pool_allocator"], stdout=subprocess.DEVNULL, timeout=120, check=True,
                           env={**os.environ, "HEAPMETER_LIBRARY": str(library)})
            at_peak = json.load(summary)["sites"]["at_peak"]
        self.assertLessEqual(len(at_peak), 5)
        functions = [[frame["function"] for frame in site["frames"]] for site in at_peak]
        self.assertTrue(any("demo::run_pool_demo" in " ".join(stack) and stack[-1].startswith("main") for stack in functions),
                        functions)

    def test_wrong_usage_is_2_and_help_is_0(self):
        for name in ("tracking_tour", "ownership", "pool_allocator", "worker_pool", "config"):
            with self.subTest(name):
                run(name, "--nonsense", code=2)
                self.assertIn(name, run(name, "--help"))
        run("benchmark", "--nonsense", code=2)

    def test_output_that_cannot_be_written_is_a_failure(self):
        for name in ("tracking_tour", "ownership", "pool_allocator", "worker_pool", "config"):
            with self.subTest(name):
                reader, writer = os.pipe()
                os.close(reader)
                # Python ignores SIGPIPE; a child that inherits that sees the error instead of dying of the signal.
                result = subprocess.run([PROGRAMS / name], stdout=writer, stderr=subprocess.PIPE, text=True,
                                        timeout=120, check=False, restore_signals=False)
                os.close(writer)
                self.assertEqual(result.returncode, 1)
                self.assertIn("cannot write to standard output: Broken pipe", result.stderr)


unittest.main(verbosity=2)
