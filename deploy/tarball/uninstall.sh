#!/bin/bash
# Removes what install.sh installed, with the same PREFIX. Settings that were edited stay, and so do the vault's store and key; it
# says where they are.
set -euo pipefail
cd "$(dirname "$0")"

exec scripts/uninstall
