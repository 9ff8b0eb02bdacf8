#!/bin/sh
# Builds article-go once per Go version and sources, then serves. Files are named one by one: Go 1.19 of the module
# proxy refuses a folder ("import of unknown directory").
#
#   run.sh build [VERSION...]   build with each version; what cannot be had is said and is no failure
#   run.sh serve PORT           serve, built by $GO_VERSION (default: the Go of this machine)
set -u
cd "$(dirname "$0")" || exit 1
cache=../../.cache/targets
mkdir -p "$cache"

# Prints the binary's path.
build() {
  version=$1
  name=$version
  [ "$version" = local ] || name=go$version
  sum=$(cat main.go writers.go go.mod | cksum | tr " " "-")
  here=$(GOTOOLCHAIN=local go env GOVERSION) || { echo "error: there is no Go" >&2; return 1; }
  [ "$version" = local ] && name=$here
  binary=$cache/article-go-$name-$sum
  if [ ! -x "$binary" ]; then
    toolchain=local
    [ "$version" = local ] || toolchain=$name
    if ! GOTOOLCHAIN=$toolchain GOFLAGS=-buildvcs=false CGO_ENABLED=0 GOWORK=off go build -o "$binary.$$" main.go writers.go >&2; then
      rm -f "$binary.$$"
      echo "error: no build by Go $version: its toolchain cannot be had or does not build this" >&2
      return 1
    fi
    mv "$binary.$$" "$binary"
  fi
  echo "$binary"
}

case ${1:-} in
build)
  shift
  [ $# -gt 0 ] || set -- local
  for version in "$@"; do build "$version" >/dev/null; done
  exit 0
  ;;
serve)
  binary=$(build "${GO_VERSION:-local}") || exit 1
  exec "$binary" -port "$2"
  ;;
*)
  echo "usage: run.sh build [VERSION...] | serve PORT" >&2
  exit 2
  ;;
esac
