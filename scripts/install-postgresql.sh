#!/bin/sh
# Installs the PostgreSQL server programs (initdb, postgres, pg_dump …) of version
# 15 or newer when they are missing. Waymark runs them itself, on a cluster of its
# own: no service is set up and no other cluster is started.
#
#   install-postgresql.sh           find or install
#   install-postgresql.sh --check   only say whether they are there
set -eu
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source-path=SCRIPTDIR source=packages.sh
. "$here/packages.sh"
oldest=15

# found succeeds when some folder holds server programs that are new enough.
found() {
	for bin in /usr/lib/postgresql/*/bin /usr/pgsql-*/bin \
		/opt/homebrew/opt/postgresql@*/bin /usr/local/opt/postgresql@*/bin \
		"$(dirname "$(command -v postgres 2>/dev/null || echo /none/postgres)")"; do
		if ! [ -x "$bin/initdb" ] || ! [ -x "$bin/postgres" ] || ! [ -x "$bin/pg_dump" ]; then
			continue
		fi
		# "postgres (PostgreSQL) 15.14 (Debian …)" or "… 18beta1"
		version=$("$bin/postgres" --version | sed -n 's/^postgres (PostgreSQL) \([0-9][0-9]*\).*/\1/p')
		[ "${version:-0}" -ge "$oldest" ] && return 0
	done
	return 1
}

if found; then
	exit 0
fi
if [ "${1:-}" = --check ]; then
	echo "no PostgreSQL server programs of version $oldest or newer found" >&2
	exit 1
fi
may_install || refuse "PostgreSQL $oldest or newer (the server programs)" "$here/install-postgresql.sh" \
	"the package of the PostgreSQL server, version $oldest or newer"

echo "Installing PostgreSQL server programs …"
case "$(uname -s)" in
Darwin)
	brew install postgresql@17
	;;
*)
	apt_update
	# The package "postgresql" creates and starts a cluster of its own unless it
	# is told not to before it is installed; the place to tell it comes with
	# postgresql-common.
	apt_install postgresql-common
	conf=/etc/postgresql-common/createcluster.conf
	as_root sed -i 's/^#* *create_main_cluster *=.*/create_main_cluster = false/' "$conf"
	grep -q '^create_main_cluster = false' "$conf" ||
		echo 'create_main_cluster = false' | as_root tee -a "$conf" >/dev/null
	apt_install postgresql
	;;
esac

if ! found; then
	echo "PostgreSQL was installed, but it is older than version $oldest." >&2
	echo "On Debian and Ubuntu this line adds the PostgreSQL project's own packages; type it, then try again:" >&2
	echo "    sudo /usr/share/postgresql-common/pgdg/apt.postgresql.org.sh -y && sudo apt-get install -y postgresql-17" >&2
	exit 1
fi
