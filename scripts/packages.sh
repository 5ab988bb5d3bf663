# Helpers of the install scripts: the system's package manager, and whether this
# person may use it. Sourced, not run.
# shellcheck shell=sh

# may_install succeeds when packages can be installed without asking anybody.
may_install() {
	case "$(uname -s)" in
	Darwin) command -v brew >/dev/null 2>&1 ;;
	*)
		command -v apt-get >/dev/null 2>&1 || return 1
		[ "$(id -u)" -eq 0 ] || sudo -n true 2>/dev/null
		;;
	esac
}

# as_root runs a command as root: itself, or through sudo without a question.
as_root() {
	if [ "$(id -u)" -eq 0 ]; then
		"$@"
	else
		sudo -n "$@"
	fi
}

# apt_install installs Debian or Ubuntu packages without questions.
apt_install() {
	as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$@" </dev/null
}

# apt_update brings the package lists up to date.
apt_update() {
	as_root apt-get update </dev/null
}

# refuse says what is missing and the one line to type, and ends the script.
#   refuse WHAT SCRIPT BY_HAND
refuse() {
	if [ "$(uname -s)" = Darwin ]; then
		echo "$1 is missing, and so is Homebrew (https://brew.sh). With it, type:" >&2
		echo "    sh $2" >&2
	elif ! command -v apt-get >/dev/null 2>&1; then
		echo "$1 is missing. This system has neither apt-get nor Homebrew; install with its own package manager:" >&2
		echo "    $3" >&2
	elif command -v sudo >/dev/null 2>&1; then
		echo "$1 is missing. Type this line, then try again:" >&2
		echo "    sudo sh $2" >&2
	else
		echo "$1 is missing. Type this line, then try again:" >&2
		echo "    su -c 'sh $2'" >&2
	fi
	exit 1
}
