# Puts the image `hello:latest` into the registry `myregistry`. The image is this machine's own shell with
# the libraries that it needs, and a script: it runs by itself, on Azure as well, if the machine is one
# with glibc on AMD64.
set -e
mkdir -p image
cd image
mkdir -p root/app
printf '#!/bin/sh\necho Hello from a private image\nexec sleep infinity\n' >root/app/run.sh
chmod 755 root/app/run.sh
for program in sh sleep; do
  mkdir -p root/bin
  cp -L "$(command -v $program)" root/bin/
  for library in $(ldd "$(command -v $program)" | grep -o '/[^ ]*'); do
    mkdir -p "root$(dirname "$library")"
    cp -L "$library" "root$library"
  done
done
tar -cf layer.tar -C root .
digest() { echo "sha256:$(sha256sum "$1" | cut -d ' ' -f 1)"; }
jq -n --arg layer "$(digest layer.tar)" '{architecture: "amd64", os: "linux",
  config: {Entrypoint: ["/app/run.sh"], Env: ["PATH=/bin"]},
  rootfs: {type: "layers", diff_ids: [$layer]}}' >config.json
jq -n --arg config "$(digest config.json)" --arg layer "$(digest layer.tar)" \
  --argjson configs "$(stat -c %s config.json)" --argjson layers "$(stat -c %s layer.tar)" \
  '{schemaVersion: 2, mediaType: "application/vnd.oci.image.manifest.v1+json",
  config: {mediaType: "application/vnd.oci.image.config.v1+json", digest: $config, size: $configs},
  layers: [{mediaType: "application/vnd.oci.image.layer.v1.tar", digest: $layer, size: $layers}]}' \
  >manifest.json
server=myregistry.azurecr.io
refresh=$(az acr login --name myregistry --expose-token --query refreshToken --output tsv --only-show-errors)
token=$(curl -sS --fail "https://$server/oauth2/token" --data grant_type=refresh_token \
  --data service=$server --data scope=repository:hello:pull,push --data "refresh_token=$refresh" |
  jq -r .access_token)
for file in config.json layer.tar; do
  place=$(curl -sS --fail -X POST -H "Authorization: Bearer $token" -o /dev/null -D - \
    "https://$server/v2/hello/blobs/uploads/" | tr -d '\r' | sed -n 's/^[Ll]ocation: //p')
  curl -sS --fail -X PUT -H "Authorization: Bearer $token" -o /dev/null \
    -H 'Content-Type: application/octet-stream' --data-binary @$file \
    "https://$server$place&digest=$(digest $file)"
done
curl -sS --fail -X PUT -H "Authorization: Bearer $token" -o /dev/null \
  -H 'Content-Type: application/vnd.oci.image.manifest.v1+json' --data-binary @manifest.json \
  "https://$server/v2/hello/manifests/latest"
