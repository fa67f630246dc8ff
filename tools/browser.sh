#!/bin/sh
# browser.sh makes sure that there is a Chromium for the browser tests: one that is found, else Debian's package.
set -eu
for name in "${CHROME_PATH:-}" chromium chromium-browser google-chrome google-chrome-stable; do
	if [ -n "$name" ] && command -v "$name" >/dev/null 2>&1; then exit 0; fi
done
if command -v apt-get >/dev/null 2>&1 && [ "$(id -u)" = 0 ]; then
	echo "Installing Chromium for the browser tests"
	apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium fonts-noto-cjk >/dev/null
	exit 0
fi
echo "The browser tests need Chromium: install it (Debian: apt-get install chromium fonts-noto-cjk), or set CHROME_PATH" >&2
exit 1
