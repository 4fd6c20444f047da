#!/bin/sh
PATH=/usr/bin:/bin
here=$(dirname "$0")
package=$(ls -d "$here"/../packages/azure_cli-*.dist-info 2>/dev/null)
if [ "$1 $2" = "-m venv" ]; then
    [ VENV = true ] || { echo "ensurepip is not available"; exit 1; }
    mkdir -p "$3/bin" && cp "$0" "$3/bin/python"; exit
fi
if [ "$1 $2" = "-m pip" ]; then
    echo "Collecting uv"; cp "$here/../../../tools/real-uv" "$here/uv"; exit
fi
case "$*" in *importlib*) ;; *) exit 3;; esac
cli=null; folder=null; core=null
if [ -n "$package" ]; then
    version=${package##*azure_cli-}; version=${version%.dist-info}
    cli="\"$version\""; folder="\"$package\""
    core="\"$here/../packages/azure_cli_core-$version.dist-info\""
fi
printf '{"executable":"%s","base_executable":"%s","version":[VERSION],"venv":VENV,' "$0" "$0"
printf '"azure_cli":%s,"azure_cli_package":%s,' "$cli" "$folder"
printf '"azure_cli_core_package":%s,"bundles":[],"folders":[]}\n' "$core"
