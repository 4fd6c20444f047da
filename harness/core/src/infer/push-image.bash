set -e
mkdir -p image-root/bin image-root/app
cd image-root
printf '#!/bin/sh\necho Hello from a private image\nexec sleep infinity\n' >app/run.sh
chmod 755 app/run.sh
for program in sh sleep; do
  cp -L "$(command -v $program)" bin/
  for library in $(ldd "$(command -v $program)" | grep -o '/[^ ]*'); do
    mkdir -p ".$(dirname "$library")"
    cp -L "$library" ".$library"
  done
done
cd ..
tar -cf image-layer.tar -C image-root .
digest() { echo "sha256:$(sha256sum "$1" | cut -d ' ' -f 1)"; }
jq -n --arg layer "$(digest image-layer.tar)" '{architecture: "amd64", os: "linux",
  config: {Entrypoint: ["/app/run.sh"], Env: ["PATH=/bin"]},
  rootfs: {type: "layers", diff_ids: [$layer]}}' >image-config.json
jq -n --arg config "$(digest image-config.json)" --arg layer "$(digest image-layer.tar)" \
  --argjson configs "$(stat -c %s image-config.json)" --argjson layers "$(stat -c %s image-layer.tar)" \
  '{schemaVersion: 2, mediaType: "application/vnd.oci.image.manifest.v1+json",
  config: {mediaType: "application/vnd.oci.image.config.v1+json", digest: $config, size: $configs},
  layers: [{mediaType: "application/vnd.oci.image.layer.v1.tar", digest: $layer, size: $layers}]}' \
  >image-manifest.json
server=$(az acr show --name $registry --query loginServer --output tsv)
refresh=$(az acr login --name $registry --expose-token --query refreshToken --output tsv --only-show-errors)
token=$(curl -sS --fail "https://$server/oauth2/token" --data grant_type=refresh_token \
  --data service=$server --data scope=repository:$repository:pull,push --data "refresh_token=$refresh" |
  jq -r .access_token)
for file in image-config.json image-layer.tar; do
  place=$(curl -sS --fail -X POST -H "Authorization: Bearer $token" -o /dev/null -D - \
    "https://$server/v2/$repository/blobs/uploads/" | tr -d '\r' | sed -n 's/^[Ll]ocation: //p')
  curl -sS --fail -X PUT -H "Authorization: Bearer $token" -o /dev/null \
    -H 'Content-Type: application/octet-stream' --data-binary @$file \
    "https://$server$place&digest=$(digest $file)"
done
curl -sS --fail -X PUT -H "Authorization: Bearer $token" -o /dev/null \
  -H 'Content-Type: application/vnd.oci.image.manifest.v1+json' --data-binary @image-manifest.json \
  "https://$server/v2/$repository/manifests/$tag"
rm -rf image-root image-layer.tar image-config.json image-manifest.json
