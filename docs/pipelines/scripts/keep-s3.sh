#!/bin/sh
# tidelock-keep-s3 URL: puts the report into an object store (S3, MinIO), for a CI system that keeps no files of a job.
#
# URL is the address of the bucket with a prefix, as in https://minio.example.org/reports/web/2026-01-31. Always ends with
# 0: whether a copy could be kept has no part in the verdict of a job. README.md beside this file has the rest.
set -eu

out=${TIDELOCK_OUT:-tidelock}
url=${1:?usage: tidelock-keep-s3 URL}
: "${AWS_ACCESS_KEY_ID:?}" "${AWS_SECRET_ACCESS_KEY:?}"

for file in report.md report.json report.txt; do
    [ -s "$out/$file" ] || continue
    # The keys go in by standard input, where no list of processes shows them.
    printf 'user = "%s:%s"\n' "$AWS_ACCESS_KEY_ID" "$AWS_SECRET_ACCESS_KEY" | curl --config - --silent --show-error \
        --fail --output /dev/null --connect-timeout 10 --max-time 60 --retry 2 \
        --aws-sigv4 "aws:amz:${AWS_REGION:-us-east-1}:s3" --upload-file "$out/$file" "${url%/}/$file" ||
        printf 'tidelock-keep-s3: %s was not kept\n' "$file" >&2
done
