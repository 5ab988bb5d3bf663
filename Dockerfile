# An image that runs Waymark with its own PostgreSQL, or, given DATABASE_URL,
# with yours.
#
#   docker build -t waymark .
#   docker run -p 8080:8080 -v waymark:/var/lib/waymark \
#     -e WAYMARK_URL=https://waymark.example.org waymark

FROM golang:1.26-bookworm AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN CGO_ENABLED=0 go build -trimpath -ldflags='-s -w' -o /waymark ./cmd/waymark

FROM debian:bookworm-slim
# The server programs without a cluster of their own; curl for the health check;
# certificates for mail servers and databases elsewhere.
RUN apt-get update \
 && apt-get install -y --no-install-recommends postgresql-common \
 && sed -i 's/^#* *create_main_cluster *=.*/create_main_cluster = false/' /etc/postgresql-common/createcluster.conf \
 && apt-get install -y --no-install-recommends ca-certificates curl postgresql tzdata \
 && rm -rf /var/lib/apt/lists/*
RUN useradd --system --home-dir /var/lib/waymark --shell /usr/sbin/nologin waymark \
 && install -d -o waymark -g waymark -m 0700 /var/lib/waymark
COPY --from=build /waymark /usr/local/bin/waymark

USER waymark
ENV WAYMARK_DATA=/var/lib/waymark WAYMARK_LISTEN=0.0.0.0:8080
VOLUME /var/lib/waymark
EXPOSE 8080
# PostgreSQL must be stopped cleanly: SIGTERM, and time to drain.
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 \
  CMD ["curl", "-fsS", "-o", "/dev/null", "http://127.0.0.1:8080/healthz"]
ENTRYPOINT ["waymark"]
CMD ["serve"]
