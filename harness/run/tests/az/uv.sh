#!/bin/sh
tools=TOOLS
PATH=/usr/bin:/bin
case "$1" in
--version) echo "uv 0.0.1"; exit;;
venv)
    [ -e "$4" ] && { echo "the folder exists" >&2; exit 1; }
    echo venv >>"$tools/log"
    mkdir -p "$4/bin" && cp "$3" "$4/bin/python"; exit;;
esac
echo install >>"$tools/log"
echo "Downloading azure-cli (13.3MiB)" >&2
echo "index=$UV_INDEX_URL venv=$VIRTUAL_ENV" >>"$tools/settings"
root=$(dirname "$5")/..
packages=$root/packages; mkdir -p "$packages"
if [ -e "$tools/once" ]; then
    mv "$tools/once" "$tools/done"
    . "$tools/done"
fi
[ -p "$tools/gate" ] && read line <"$tools/gate"
version=VERSION
for name in azure_cli azure_cli_core; do
    mkdir -p "$packages/$name-$version.dist-info"
    printf 'code\n' >"$packages/$name.py"
    printf '%s.py,sha256=x,5\n' "$name" >"$packages/$name-$version.dist-info/RECORD"
done
printf '#!/bin/sh\n# /bin/python3\n[ -n "$AZURE_CONFIG_DIR" ] || exit 9\necho "{\\"azure-cli\\":\\"%s\\"}"\n' "$version" >"$root/bin/az"
chmod 755 "$root/bin/az"
mkdir -p "$root/lib/python3/site-packages/pip"
