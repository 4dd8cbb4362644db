#!/usr/bin/env bash
# Installs the clients from npm that tests/clients drives, of the versions in package-lock.json, into
# node_modules beside this script, which git ignores. Needs Node 20 or newer.
set -euo pipefail
cd "$(dirname "$0")"
npm ci --no-audit --no-fund
