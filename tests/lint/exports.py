#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The exported names, both ways: nothing that glibc or libmimalloc would answer in our place is missing, and
nothing else leaks into the programs we are loaded into."""
import re
import subprocess
import sys

library, mimalloc, libc = sys.argv[1:4]


def exported(path):
    lines = subprocess.run(["nm", "-D", "--defined-only", path], check=True, capture_output=True, text=True).stdout
    names = [line.split()[2] for line in lines.splitlines() if len(line.split()) == 3]
    # GLIBC_PRIVATE names are for libc's own parts; those that allocate do it through the public ones.
    return {re.sub(r"@.*", "", name) for name in names if not name.endswith("@GLIBC_PRIVATE")}


C_CALLS = """malloc free calloc realloc reallocarray memalign aligned_alloc posix_memalign valloc pvalloc cfree
malloc_usable_size free_sized free_aligned_sized mallinfo mallinfo2 malloc_info malloc_stats mallopt malloc_trim
reallocf reallocarr vfree malloc_size malloc_good_size _aligned_malloc __posix_memalign __libc_malloc __libc_calloc
__libc_realloc __libc_free __libc_cfree __libc_memalign __libc_valloc __libc_pvalloc""".split()
NEW = [f"_Zn{array}m{rest}" for array in "wa" for rest in
       ("", "RKSt9nothrow_t", "St11align_val_t", "St11align_val_tRKSt9nothrow_t")]
DELETE = [f"_Zd{array}Pv{rest}" for array in "la" for rest in
          ("", "m", "RKSt9nothrow_t", "St11align_val_t", "mSt11align_val_t", "St11align_val_tRKSt9nothrow_t")]
# libc calls that are not about memory; the files of shim/override say why each is there.
OTHER_LIBC = set("""dlopen dlmopen dlclose syscall prctl unshare setns capset mlockall setuid setgid seteuid setegid setreuid setregid setresuid
setresgid setrlimit setrlimit64 prlimit prlimit64
execl execle execlp execv execve execveat execvp execvpe fexecve sigaltstack posix_spawn posix_spawnp clone _Fork _exit _Exit""".split())
# Libc's calls for which one series of mimalloc has a definition of its own: where it has none, libc's is as good.
WITH_MIMALLOC = {"strdup", "strndup"}
# glibc's own allocator entry points that a replacement need not offer, with the reason.
LEFT_TO_GLIBC = {
    "__libc_mallopt": "settings of an allocator that is not in use",
    "__libc_mallinfo": "private to glibc, absent from its headers",
    "__libc_freeres": "frees libc's own caches through our free",
    "mcheck": "debugging hooks, without effect since 2.34", "mcheck_check_all": "", "mcheck_pedantic": "",
    "mprobe": "", "mtrace": "", "muntrace": "",
}

assert len(NEW + DELETE) == 20
ours, theirs, glibc = exported(library), exported(mimalloc), exported(libc)
faults = []
for name in sorted((set(C_CALLS + NEW + DELETE) | OTHER_LIBC) - ours):
    faults.append(f"{name} is not exported")
for name in sorted(n for n in theirs - ours if not n.startswith(("mi_", "_mi_"))):
    faults.append(f"{name} is missing: libmimalloc exports it and would answer, uncounted")
family = re.compile(r"(malloc|calloc|realloc|memalign|mallopt|mallinfo|^cfree|^free$|^_?_?libc_c?free|aligned_alloc)")
for name in sorted(n for n in glibc - ours if family.search(n) and n not in LEFT_TO_GLIBC):
    if name.startswith(("__malloc_", "__free_", "__realloc_", "__memalign_")):  # the hooks of old, no longer called
        continue
    faults.append(f"{name} is missing: glibc exports it and its blocks would reach our free")
for name in sorted(ours - set(C_CALLS + NEW + DELETE) - OTHER_LIBC - (WITH_MIMALLOC & theirs)):
    if not name.startswith("heapmeter_"):
        faults.append(f"{name} leaks out of the library")
print("\n".join(faults) or f"{len(ours)} names exported, none missing, none too many")
sys.exit(1 if faults else 0)
