#!/bin/sh
# tidelock-keep-s3 URL: puts the report into an object store (S3, MinIO), for a CI system that keeps no files of a job.
#
# URL is the address of the bucket with a prefix, as in https://minio.example.org/reports/web/2026-01-31. Ends with 0
# whether the store takes it or not: that has no part in the verdict of a job. Without URL, keys or curl it ends with 1.
# README.md beside this file has the rest.
set -eu

refuse() {
    printf 'tidelock-keep-s3: %s\n' "$1" >&2
    exit 1
}

out=${TIDELOCK_OUT:-tidelock}
case $out in -*) out=./$out ;; esac
url=${1:-}
[ -n "$url" ] || refuse 'usage: tidelock-keep-s3 URL'
[ -n "${AWS_ACCESS_KEY_ID:-}" ] || refuse 'AWS_ACCESS_KEY_ID is not set'
[ -n "${AWS_SECRET_ACCESS_KEY:-}" ] || refuse 'AWS_SECRET_ACCESS_KEY is not set'
command -v curl >/dev/null 2>&1 || refuse 'curl is missing'

# curl waits as long as a server tells it to, unless somebody else looks at the clock.
limited() {
    if command -v timeout >/dev/null 2>&1; then timeout 150 "$@"; else "$@"; fi
}

for file in report.md report.json report.txt; do
    [ -s "$out/$file" ] || continue
    # The keys go in by standard input, where no list of processes shows them.
    printf 'user = "%s:%s"\n' "$AWS_ACCESS_KEY_ID" "$AWS_SECRET_ACCESS_KEY" | limited curl --config - --silent \
        --show-error --fail --output /dev/null --connect-timeout 10 --max-time 60 --retry 2 --retry-max-time 60 \
        --aws-sigv4 "aws:amz:${AWS_REGION:-us-east-1}:s3" --upload-file "$out/$file" "${url%/}/$file" ||
        printf 'tidelock-keep-s3: %s was not kept\n' "$file" >&2
done
