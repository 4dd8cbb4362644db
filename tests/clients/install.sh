#!/usr/bin/env bash
# Install the clients of package.json into node_modules/ beside it, which git ignores.
set -euo pipefail
cd "$(dirname "$0")"
npm install --no-fund --no-audit --no-package-lock --silent
