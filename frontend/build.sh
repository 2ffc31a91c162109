#!/bin/sh
# Compiles static/css and refreshes static/vendor with its SHA256SUMS. Run it after changing frontend/ and commit the
# results; running the product needs none of this.
set -eu
cd "$(dirname "$0")"
vendor=../static/vendor

[ -d node_modules ] || npm ci --no-audit --no-fund

compile() {
    npx sass --no-source-map --style="$1" --load-path=node_modules --quiet-deps \
        --silence-deprecation=import,global-builtin,color-functions,if-function "$2" "$3"
}

# A map that is not shipped must not be named: static files with hashed names refuse dangling references.
copy() {
    sed '/^\/\/# sourceMappingURL=/d' "node_modules/$1" > "$2"
}

mkdir -p "$vendor/bootstrap" "$vendor/htmx" "$vendor/echarts" "$vendor/tom-select" ../static/css
compile compressed scss/bootstrap.scss "$vendor/bootstrap/bootstrap.min.css"
# tom-select's header plugin, which no page uses, asks for color-mix(); browsers of 2021 lack it.
sed -i 's/background:color-mix([^;]*);//' "$vendor/bootstrap/bootstrap.min.css"
copy bootstrap/dist/js/bootstrap.bundle.min.js "$vendor/bootstrap/bootstrap.bundle.min.js"
copy htmx.org/dist/htmx.min.js "$vendor/htmx/htmx.min.js"
copy echarts/dist/echarts.common.min.js "$vendor/echarts/echarts.common.min.js"
copy tom-select/dist/js/tom-select.complete.min.js "$vendor/tom-select/tom-select.complete.min.js"
(cd "$vendor" && find . -type f ! -name SHA256SUMS | LC_ALL=C sort | xargs sha256sum > SHA256SUMS)

for sheet in app print error; do
    compile expanded "scss/$sheet.scss" "../static/css/$sheet.css"
done
