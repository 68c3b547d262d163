#!/usr/bin/env bash
# lighthouse.sh BINARY: measures the start page, an offering and a region of the demo with Lighthouse, as on a phone, and fails below
# performance 95 or anything else than 100. A busy machine measures itself: the best of three counts.
set -euo pipefail
binary=$(realpath "$1")
cd "$(dirname "$0")/.."
dir=$(mktemp -d)
chmod 755 "$dir"
"$binary" --data-dir "$dir/data" serve --demo --listen 127.0.0.1:0 2>"$dir/log" &
server=$!
trap 'kill $server; wait $server || true; rm -rf "$dir"' EXIT
for _ in $(seq 180); do
	base=$(grep -o '"url":"[^"]*"' "$dir/log" | head -1 | cut -d'"' -f4) && [ -n "$base" ] && break
	sleep 1
done
offering=$(curl -sf "$base/?kind=EVENT" | grep -o '/angebot/off_[0-9a-f-]*' | head -1)
export CHROME_PATH=${CHROME_PATH:-$(command -v chromium)}
failed=0
measure() {
	rm -f "$dir/report.json"
	e2e/lighthouse/node_modules/.bin/lighthouse "$base$1" --quiet --output=json --output-path="$dir/report.json" \
		--chrome-flags="--headless --no-sandbox --disable-gpu --enable-unsafe-swiftshader --disable-background-networking --disable-component-update --disable-sync"
	node -e '
		const { categories } = JSON.parse(require("fs").readFileSync(process.argv[1]));
		const scores = Object.values(categories).map(({ id, score }) => [id, Math.round(score * 100)]);
		console.log(process.argv[2], scores.map((s) => s.join(" ")).join(", "));
		process.exit(scores.some(([id, score]) => score < (id === "performance" ? 95 : 100)) ? 1 : 0);
	' "$dir/report.json" "$1"
}
for path in / "$offering" /region/12069; do
	curl -sf -o /dev/null "$base$path" # the first answer of a process is no page's fault
	measure "$path" || measure "$path" || measure "$path" || failed=1
done
exit $failed
