#!/bin/sh
# Installs what the browser tests need when it is missing: Chromium, its driver,
# and a Chinese font (without one, pages in Chinese show empty boxes).
#
#   install-browser.sh           find or install
#   install-browser.sh --check   only say whether they are there
set -eu
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source-path=SCRIPTDIR source=packages.sh
. "$here/packages.sh"

has_browser() {
	[ -n "${WAYMARK_CHROMIUM:-}" ] && return 0
	for name in chromium chromium-browser google-chrome-stable google-chrome \
		"/Applications/Chromium.app/Contents/MacOS/Chromium" \
		"/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"; do
		command -v "$name" >/dev/null 2>&1 && return 0
	done
	return 1
}

has_chinese() {
	[ "$(uname -s)" = Darwin ] && return 0
	# Without fontconfig there is no font to find either.
	command -v fc-list >/dev/null 2>&1 && [ -n "$(fc-list :lang=zh-cn family)" ]
}

if has_browser && has_chinese; then
	exit 0
fi
if [ "${1:-}" = --check ]; then
	echo "no Chromium, or no Chinese font, found" >&2
	exit 1
fi
may_install || refuse "Chromium (for the browser tests), or a Chinese font," "$here/install-browser.sh" \
	"the packages of Chromium and of the Noto CJK fonts"

echo "Installing Chromium and a Chinese font …"
case "$(uname -s)" in
Darwin)
	brew install --cask google-chrome
	;;
*)
	apt_update
	# Ubuntu's names lead to the snap of Chromium; Debian has it as a package.
	case "$(. /etc/os-release && echo "${ID:-}")" in
	ubuntu) apt_install chromium-browser chromium-chromedriver fonts-noto-cjk fontconfig ;;
	*) apt_install chromium chromium-driver fonts-noto-cjk fontconfig ;;
	esac
	;;
esac
has_browser || {
	echo "Chromium was installed, but not under a name known here; set WAYMARK_CHROMIUM to its path" >&2
	exit 1
}
