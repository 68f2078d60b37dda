# SPDX-License-Identifier: MIT
"""What a workload is run under: allocators, the meter, and its peers. Each is an environment and a command put before the
program's own; `missing` says why one cannot take part here, so that none is left out silently."""
import dataclasses
import os
import pathlib
import shutil

LIBRARIES = pathlib.Path("/usr/lib") / f"{os.uname().machine}-linux-gnu"
# Of the series that the system has.
MIMALLOC = next((file for file in (LIBRARIES / f"libmimalloc.so.{series}" for series in "23") if file.exists()),
                LIBRARIES / "libmimalloc.so.2")


@dataclasses.dataclass
class Contender:
    name: str
    kind: str                      # "allocator", "meter" or "peer"
    environment: dict = dataclasses.field(default_factory=dict)
    before: list = dataclasses.field(default_factory=list)  # {} in a word is a file for its output
    needs: list = dataclasses.field(default_factory=list)   # files and programs
    package: str = ""
    # Peers that make a program many times slower run fewer times, and not on the allocator-bound loops.
    slow: bool = False

    def missing(self):
        """Why it cannot take part, or None."""
        for need in self.needs:
            if not (pathlib.Path(need).exists() if "/" in need else shutil.which(need)):
                return f"{need} is not there" + (f" (package {self.package})" if self.package else "")
        return None

    def command(self, program, output):
        return [word.replace("{}", output) for word in self.before] + program

    def variables(self, output):
        return {name: value.replace("{}", output) for name, value in self.environment.items()}


def preload(name, kind, library, package, **more):
    more.setdefault("environment", {})
    more["environment"] = {"LD_PRELOAD": str(library), **more["environment"]}
    return Contender(name, kind, needs=[str(library)], package=package, **more)


def all_contenders(library):
    library = os.path.abspath(library)
    jemalloc = LIBRARIES / "libjemalloc.so.2"
    tcmalloc = LIBRARIES / "libtcmalloc.so.4"
    return [
        Contender("glibc", "allocator"),
        preload("mimalloc", "allocator", MIMALLOC, "libmimalloc-dev"),
        preload("jemalloc", "allocator", jemalloc, "libjemalloc2"),
        preload("tcmalloc", "allocator", tcmalloc, "libgoogle-perftools4"),
        preload("heapmeter", "meter", library, ""),
        preload("heapmeter next", "meter", library, "", environment={"HEAPMETER_BACKEND": "next"}),
        preload("heapmeter 512K", "meter", library, "", environment={"HEAPMETER_SAMPLE": "512K"}),
        preload("heapmeter every", "meter", library, "", environment={"HEAPMETER_SAMPLE": "every"}),
        preload("jemalloc profiling", "peer", jemalloc, "libjemalloc2",
                environment={"MALLOC_CONF": "prof:true,lg_prof_sample:19,prof_prefix:{}"}),
        preload("memusage", "peer", LIBRARIES / "libmemusage.so", "libc-devtools",
                environment={"MEMUSAGE_OUTPUT": "{}"}),
        preload("gperftools heap profiler", "peer", tcmalloc, "libgoogle-perftools4",
                environment={"HEAPPROFILE": "{}"}, slow=True),
        Contender("heaptrack", "peer", before=["heaptrack", "-o", "{}"], needs=["heaptrack"], package="heaptrack",
                  slow=True),
        Contender("massif", "peer", before=["valgrind", "--tool=massif", "--massif-out-file={}", "-q"],
                  needs=["valgrind"], package="valgrind", slow=True),
        Contender("DHAT", "peer", before=["valgrind", "--tool=dhat", "--dhat-out-file={}", "-q"],
                  needs=["valgrind"], package="valgrind", slow=True),
    ]


# Who tells which code allocates, beside who does not.
STACKS = ["glibc", "heapmeter", "heapmeter 512K", "heapmeter every", "jemalloc profiling", "gperftools heap profiler", "heaptrack",
          "massif", "DHAT"]
