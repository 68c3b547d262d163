#!/usr/bin/env bash
# need.sh NAME…: see to it that a tool is there; install Debian's package where that is allowed, else say exactly what to do.
set -euo pipefail

have() {
	case $1 in
	go) command -v go >/dev/null ;;
	node) command -v npm >/dev/null && [ "$(node -p 'process.versions.node.split(".")[0]')" -ge 20 ] ;;
	chromium) command -v chromium >/dev/null || command -v chromium-browser >/dev/null ;;
	postgres)
		if [ -n "${UMLAND_PG_BIN:-}" ]; then [ -x "$UMLAND_PG_BIN/initdb" ] && return 0; fi
		for dir in /usr/lib/postgresql/*/bin; do [ -x "$dir/initdb" ] && [ -x "$dir/postgres" ] && return 0; done
		command -v initdb >/dev/null && command -v postgres >/dev/null
		;;
	esac
}

package() {
	case $1 in
	postgres) echo postgresql ;;
	chromium) echo chromium ;;
	esac
}

for name in "$@"; do
	have "$name" && continue
	case $name in
	go) echo "Umland needs Go 1.26 or newer: see https://go.dev/doc/install" >&2; exit 1 ;;
	node) echo "Umland's pages need Node 20 or newer with npm: see https://nodejs.org" >&2; exit 1 ;;
	esac
	pkg=$(package "$name")
	install=(apt-get install -y --no-install-recommends "$pkg")
	if ! command -v apt-get >/dev/null; then
		echo "Umland needs $name, which is not there. Install your system's package for it (on Debian: $pkg)." >&2
		exit 1
	fi
	sudo=()
	if [ "$(id -u)" -ne 0 ]; then
		if command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
			sudo=(sudo -n)
		else
			echo "Umland needs $name, which is not there, and may not install it. As root: ${install[*]}" >&2
			[ "$name" = postgres ] && echo "Or set DATABASE_URL to a Postgres 15 or newer." >&2
			exit 1
		fi
	fi
	echo "Installing Debian's $pkg, which is not there …" >&2
	"${sudo[@]}" apt-get update -qq
	if [ "$name" = postgres ]; then # without the system's own cluster: Umland starts a private one
		"${sudo[@]}" mkdir -p /etc/postgresql-common
		[ -e /etc/postgresql-common/createcluster.conf ] || echo 'create_main_cluster = false' | "${sudo[@]}" tee /etc/postgresql-common/createcluster.conf >/dev/null
	fi
	"${sudo[@]}" env DEBIAN_FRONTEND=noninteractive "${install[@]}"
	have "$name" || { echo "$pkg was installed, but $name is still not found." >&2; exit 1; }
done
