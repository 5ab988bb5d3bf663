#!/bin/sh
# Fails when the committed Go code of the templates is not what templ makes of
# them now, or when a template is not formatted as templ does. It compares before
# with after, not with git, so that it also serves while work is under way.
set -eu
cd "$(dirname "$0")/.."

# A template's generated file, and the template itself, by checksum.
state() {
	find web -name '*.templ' -o -name '*_templ.go' | LC_ALL=C sort | xargs cksum 2>/dev/null || true
}

before=$(state)
# From the root of the project: templ writes file names relative to where it starts.
go tool templ fmt -log-level error .
go tool templ generate -log-level error
after=$(state)

if [ "$before" != "$after" ]; then
	echo "Templates were not formatted, or their Go code was not fresh. They are now; commit them:" >&2
	{ echo "$before"; echo "$after"; } | LC_ALL=C sort | uniq -u | awk '{print "    " $3}' | LC_ALL=C sort -u >&2
	exit 1
fi
