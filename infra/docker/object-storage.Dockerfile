# MinIO as it is, with a folder that a process without rights can write: a new volume mounted there gets its owner.
FROM minio/minio:RELEASE.2025-09-07T16-13-09Z
RUN mkdir -p /srv/objects && chown 1000:1000 /srv/objects
USER 1000:1000
