# Tells docproof about this Python and the azure-cli in it, as one line of JSON.
import importlib.util
import json
import os
import sys


def found(name):
    try:
        return importlib.util.find_spec(name) is not None
    except (ImportError, ValueError):
        return False


def distribution(name):
    try:
        from importlib import metadata
        it = metadata.distribution(name)
        return it.version, str(it.locate_file(it._path))
    except Exception:
        return None, None


bundles = []
for folder in sys.path:
    for name in ("certifi", "pip/_vendor/certifi", "requests", "pip/_vendor/requests"):
        bundles.append(os.path.join(folder, name, "cacert.pem"))
try:
    import ssl
    bundles.append(ssl.get_default_verify_paths().openssl_cafile)
except Exception:
    pass
real = []
for bundle in bundles:
    if os.path.isfile(bundle) and os.path.realpath(bundle) not in real:
        real.append(os.path.realpath(bundle))

version, package = distribution("azure-cli") if found("azure.cli") else (None, None)
core = distribution("azure-cli-core")[1]
folders = []
prefixes = (sys.prefix, sys.exec_prefix, sys.base_prefix, sys.base_exec_prefix)
for folder in prefixes + (os.path.dirname(package or ""),):
    for path in (folder, os.path.realpath(folder)):
        if folder and path not in folders:
            folders.append(path)
print(json.dumps({
    "executable": sys.executable,
    # Resolved, so that an environment made from it hangs on no link in a folder that a sandbox hides.
    "base_executable": os.path.realpath(getattr(sys, "_base_executable", None) or sys.executable),
    "version": list(sys.version_info[:3]),
    "venv": found("venv") and found("ensurepip"),
    "azure_cli": version,
    "azure_cli_package": package,
    "azure_cli_core_package": core,
    "bundles": real,
    "folders": folders,
}))
