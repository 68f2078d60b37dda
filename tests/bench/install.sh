#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Installs the allocators, peers and programs that compare.py runs; it works with any part of them, and names the rest.
set -euo pipefail
cd "$(dirname "$0")/../.."
. tools/setup.sh
install_packages "${bench_packages[@]}"
