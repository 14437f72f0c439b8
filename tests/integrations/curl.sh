#!/bin/sh
# Keeps what curl was called with, and calls it.
printf '%s\n' "$@" > curl.arguments
exec "$CURL" "$@"
