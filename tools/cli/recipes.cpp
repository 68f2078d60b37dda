// SPDX-License-Identifier: MIT
#include "cli/recipes.h"

namespace heapmeter::cli {
namespace {

constexpr Recipe kRecipes[] = {
    {"A program that is to be metered for as long as it runs",
     "heapmeter run -- ./server server.conf\n"
     "LD_PRELOAD=/usr/lib/x86_64-linux-gnu/libheapmeter.so ./server\n"},
    {"Which process grows?",
     "heapmeter top\n"
     "heapmeter top --once --sort growth\n"
     "heapmeter ps --sort growth -i 5\n"},
    {"Which code makes it grow?",
     "heapmeter sites server --sample every\n"
     "heapmeter sites server --by growth -i 60 -c 1\n"
     "heapmeter sites server --sample off\n"},
    {"What has grown since this morning?",
     "heapmeter mark morning server\n"
     "heapmeter diff morning\n"},
    {"Is it a leak?",
     "heapmeter leaks server\n"
     "heapmeter account server -i 10 -c 60\n"},
    {"Why is more resident than is in use?",
     "heapmeter account server\n"
     "heapmeter run --backend next -- ./server\n"},
    {"What does a request cost?", "heapmeter during server --per 1000 -- ./load.sh\n"},
    {"A guard for CI",
     "heapmeter run --fail-if 'wrong_calls>0' --fail-if 'lost>0' -- ./tests\n"
     "heapmeter run --json --output base.json -- ./tests\n"
     "heapmeter run --fail-if 'allocations>+5% of base.json' -- ./tests\n"},
    {"What held the memory last night?",
     "heapmeter record -o night.hm -i 10\n"
     "heapmeter report night.hm --html night.html\n"},
    {"Why is a program not listed?",
     "heapmeter doctor ./server\n"
     "heapmeter doctor 4711\n"},
};

}  // namespace

std::span<const Recipe> recipes() { return kRecipes; }

}  // namespace heapmeter::cli
